// SPDX-License-Identifier: Apache-2.0
// What run measures: storage and events, arithmetic, loops over memory, hashing. Each contract does one kind of thing.
pragma solidity ^0.8.20;

contract Token {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public totalSupply;
    string public constant name = "Token";
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    error InsufficientBalance(address from, uint256 have, uint256 need);
    error InsufficientAllowance(address spender, uint256 have, uint256 need);

    constructor(uint256 supply) {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < value) revert InsufficientAllowance(msg.sender, allowed, value);
        allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) internal {
        uint256 have = balanceOf[from];
        if (have < value) revert InsufficientBalance(from, have, value);
        balanceOf[from] = have - value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

contract Counter {
    struct State {
        uint64 count;
        uint64 last;
        address who;
    }
    State public state;
    mapping(address => uint256) public times;
    address public owner;
    event Changed(address indexed who, uint256 count);

    constructor() {
        owner = msg.sender;
    }

    function increment() external {
        state.count += 1;
        state.last = uint64(block.number);
        times[msg.sender] += 1;
        emit Changed(msg.sender, state.count);
    }

    function reset() external {
        require(msg.sender == owner, "only the owner");
        delete state;
    }
}

contract Amm {
    uint112 public reserve0;
    uint112 public reserve1;
    mapping(address => uint256) public shares;
    uint256 public totalShares;
    event Swap(address indexed who, uint256 amountIn, uint256 amountOut);

    function add(uint112 amount0, uint112 amount1) external returns (uint256 made) {
        made = totalShares == 0 ? sqrt(uint256(amount0) * amount1) : uint256(amount0) * totalShares / reserve0;
        require(made > 0, "nothing added");
        reserve0 += amount0;
        reserve1 += amount1;
        shares[msg.sender] += made;
        totalShares += made;
    }

    function swap(uint256 amountIn) external returns (uint256 amountOut) {
        require(amountIn > 0, "nothing given");
        uint256 fee = amountIn * 997;
        amountOut = fee * reserve1 / (uint256(reserve0) * 1000 + fee);
        require(amountOut < reserve1, "too much");
        reserve0 += uint112(amountIn);
        reserve1 -= uint112(amountOut);
        emit Swap(msg.sender, amountIn, amountOut);
    }

    function sqrt(uint256 x) public pure returns (uint256 y) {
        if (x == 0) return 0;
        y = x;
        uint256 z = (x + 1) / 2;
        while (z < y) {
            y = z;
            z = (x / z + z) / 2;
        }
    }
}

contract Algorithms {
    function sort(uint256 n) external pure returns (uint256) {
        uint256[] memory a = new uint256[](n);
        for (uint256 i = 0; i < n; i++) a[i] = (i * 7919) % 1009;
        for (uint256 i = 0; i < n; i++) {
            for (uint256 j = 0; j + 1 < n - i; j++) {
                if (a[j] > a[j + 1]) (a[j], a[j + 1]) = (a[j + 1], a[j]);
            }
        }
        return a[0] + a[n - 1];
    }

    function sieve(uint256 n) external pure returns (uint256 count) {
        bool[] memory composite = new bool[](n + 1);
        for (uint256 i = 2; i <= n; i++) {
            if (composite[i]) continue;
            count++;
            for (uint256 j = i * i; j <= n; j += i) composite[j] = true;
        }
    }

    function fib(uint256 n) external pure returns (uint256 a) {
        uint256 b = 1;
        for (uint256 i = 0; i < n; i++) (a, b) = (b, a + b);
    }
}

contract Merkle {
    bytes32 public root;
    mapping(uint256 => uint256) private claimed;
    mapping(address => uint256) public paid;
    event Claimed(uint256 index, address who, uint256 amount);
    error AlreadyClaimed(uint256 index);
    error WrongProof();

    constructor(bytes32 start) {
        root = start;
    }

    function claim(uint256 index, address who, uint256 amount, bytes32[] calldata proof) external {
        if (claimed[index / 256] & (1 << (index % 256)) != 0) revert AlreadyClaimed(index);
        bytes32 node = keccak256(abi.encodePacked(index, who, amount));
        for (uint256 i = 0; i < proof.length; i++) {
            node = node < proof[i] ? keccak256(abi.encodePacked(node, proof[i])) : keccak256(abi.encodePacked(proof[i], node));
        }
        if (node != root) revert WrongProof();
        claimed[index / 256] |= 1 << (index % 256);
        paid[who] += amount;
        emit Claimed(index, who, amount);
    }

    function hashLoop(uint256 n) external pure returns (bytes32 h) {
        for (uint256 i = 0; i < n; i++) h = keccak256(abi.encode(h, i));
    }
}
