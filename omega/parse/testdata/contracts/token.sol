// SPDX-License-Identifier: MIT
pragma solidity >=0.8.0 <0.9.0;

import {IERC20} from "./IERC20.sol";

interface IOwned {
    function owner() external view returns (address);
}

abstract contract Owned is IOwned {
    address public override owner;
    error NotOwner(address caller);
    constructor() { owner = msg.sender; }
    modifier onlyOwner() virtual {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }
    modifier open { _; }
    modifier later(uint256 x) virtual;
}

contract Token is Owned, IERC20(address(0)) {
    using SafeMath for uint256;
    string public constant name = "Token";
    uint8 immutable decimals = 18;
    uint256 transient lock;
    uint256 transient;
    uint256 private _supply;
    mapping(address owner => mapping(address => uint256)) public allowance;
    mapping(address => uint256) internal balances;
    function(uint256) external returns (bool) callback;
    event Transfer(address indexed from, address indexed to, uint256 value);

    struct Lock { uint256 until; address[] holders; }
    enum State { Open, Closed }
    type Id is uint64;

    constructor(uint256 supply) Owned() payable {
        _supply = supply * 10 ** uint256(decimals);
    }
    receive() external payable { }
    fallback(bytes calldata input) external payable returns (bytes memory) { return input; }

    function transfer(address to, uint256 value) public virtual override(IERC20, Base.Other) onlyOwner later(1) returns (bool) {
        require(balances[msg.sender] >= value, "low");
        unchecked { balances[msg.sender] -= value; balances[to] += value; }
        emit Transfer(msg.sender, to, value);
        (bool ok, bytes memory data) = to.call{value: 1 ether, gas: 5000}("");
        (uint256 a, , uint256 b) = (1, 2, 3);
        address payable receiver = payable(to);
        uint256[] memory xs = new uint256[](3);
        bytes memory slice = msg.data[4:];
        try this.transfer{gas: 1}(to, 1) returns (bool done) {
            delete balances[to];
        } catch Error(string memory reason) {
            revert(reason);
        } catch Panic(uint256 code) {
        } catch (bytes memory low) {
        } catch {
        }
        for (uint256 i = 0; i < xs.length; ++i) { if (i == 2) continue; else break; }
        do { a--; } while (a > 0);
        while (b > 0) b--;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            for { let i := 0 } lt(i, 4) { i := add(i, 1) } { mstore(ptr, i) }
        }
        return ok ? data.length > 0 : type(uint256).max == 0;
    }
}

library Lib { function f(uint256 x) internal pure returns (uint256) { return x; } }

contract Placed layout at 0x1000 is Owned { }
contract Placed2 is Owned layout at BASE + 1 { }

function free(uint256 x) pure returns (uint256) { return x; }
uint256 constant LIMIT = 10 days;
error FileLevel(uint256);
struct S { uint256 error; }
using {f as +} for S global;
