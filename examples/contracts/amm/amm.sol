// SPDX-License-Identifier: Apache-2.0
// A market maker for two assets: x * y stays the same but for a fee of 0.3 %, which those who lend the assets get.
// What somebody owns of the two assets is kept inside; in the world outside a bridge or a token contract would credit it.
pragma solidity ^0.8.20;

contract Amm {
    struct Pair {
        uint256 first;
        uint256 second;
    }

    address public immutable bank;
    Pair public reserves;
    uint256 public totalShares;
    mapping(address => uint256) public sharesOf;
    mapping(address => Pair) public fundsOf;

    uint256 private constant LOCKED = 1000; // shares that nobody owns, so that the price of one cannot be driven up
    uint256 private constant FEE = 3;
    uint256 private constant WHOLE = 1000;

    event Credited(address indexed who, uint256 first, uint256 second);
    event Joined(address indexed who, uint256 first, uint256 second, uint256 shares);
    event Left(address indexed who, uint256 first, uint256 second, uint256 shares);
    event Swapped(address indexed who, bool firstForSecond, uint256 paid, uint256 received);

    error NotBank(address caller);
    error TooLittle(uint256 have, uint256 want);
    error NothingToGet();

    constructor() {
        bank = msg.sender;
    }

    function credit(address who, uint256 first, uint256 second) external {
        if (msg.sender != bank) revert NotBank(msg.sender);
        fundsOf[who].first += first;
        fundsOf[who].second += second;
        emit Credited(who, first, second);
    }

    /// Lends both assets. Of one that is more than the price asks for, the rest stays with the sender.
    function join(uint256 first, uint256 second) external returns (uint256 shares) {
        Pair memory pool = reserves;
        if (totalShares == 0) {
            shares = sqrt(first * second) - LOCKED;
            totalShares = LOCKED;
        } else {
            uint256 matching = first * pool.second / pool.first;
            if (matching <= second) second = matching;
            else first = second * pool.first / pool.second;
            shares = min(first * totalShares / pool.first, second * totalShares / pool.second);
        }
        if (shares == 0) revert NothingToGet();
        pay(fundsOf[msg.sender], first, second);
        reserves = Pair(pool.first + first, pool.second + second);
        totalShares += shares;
        sharesOf[msg.sender] += shares;
        emit Joined(msg.sender, first, second, shares);
    }

    function leave(uint256 shares) external returns (uint256 first, uint256 second) {
        uint256 have = sharesOf[msg.sender];
        if (have < shares) revert TooLittle(have, shares);
        first = shares * reserves.first / totalShares;
        second = shares * reserves.second / totalShares;
        sharesOf[msg.sender] = have - shares;
        totalShares -= shares;
        reserves = Pair({first: reserves.first - first, second: reserves.second - second});
        Pair storage funds = fundsOf[msg.sender];
        funds.first += first;
        funds.second += second;
        emit Left(msg.sender, first, second, shares);
    }

    function quote(bool firstForSecond, uint256 paid) public view returns (uint256) {
        (uint256 from, uint256 to) = firstForSecond ? (reserves.first, reserves.second) : (reserves.second, reserves.first);
        uint256 afterFee = paid * (WHOLE - FEE);
        return afterFee * to / (from * WHOLE + afterFee);
    }

    /// `wanted`: what must come out at least, whatever others did to the price meanwhile.
    function swap(bool firstForSecond, uint256 paid, uint256 wanted) external returns (uint256 received) {
        received = quote(firstForSecond, paid);
        if (received == 0) revert NothingToGet();
        if (received < wanted) revert TooLittle(received, wanted);
        Pair storage funds = fundsOf[msg.sender];
        if (firstForSecond) {
            pay(funds, paid, 0);
            funds.second += received;
            reserves.first += paid;
            reserves.second -= received;
        } else {
            pay(funds, 0, paid);
            funds.first += received;
            reserves.second += paid;
            reserves.first -= received;
        }
        emit Swapped(msg.sender, firstForSecond, paid, received);
    }

    function pay(Pair storage funds, uint256 first, uint256 second) private {
        if (funds.first < first) revert TooLittle(funds.first, first);
        if (funds.second < second) revert TooLittle(funds.second, second);
        funds.first -= first;
        funds.second -= second;
    }

    function min(uint256 x, uint256 y) private pure returns (uint256) {
        return x < y ? x : y;
    }

    /// The largest whole number whose square is at most x, by Newton's method.
    function sqrt(uint256 x) public pure returns (uint256 root) {
        if (x <= 3) return x == 0 ? 0 : 1;
        root = x;
        uint256 next = x / 2 + 1;
        while (next < root) {
            root = next;
            next = (x / next + next) / 2;
        }
    }
}
