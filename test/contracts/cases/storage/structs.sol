// SPDX-License-Identifier: Apache-2.0
// Structs in storage: written whole and in parts, copied, deleted, by reference.
pragma solidity ^0.8.27;

contract Structs {
    struct Inner {
        uint64 low;
        uint64 high;
        bool set;
    }

    struct Outer {
        string name;
        Inner inner;
        uint256[] list;
        address owner;
    }

    Outer public outer;
    Outer other;

    function write(string calldata name, uint64 low) external {
        outer.name = name;
        outer.inner = Inner(low, low * 2, true);
        outer.list.push(low);
        outer.owner = msg.sender;
    }

    function copy() external {
        other = outer;
        outer.inner.low = 99;
        outer.list.push(1000);
    }

    function readOther() external view returns (Outer memory) {
        return other;
    }

    function readOuter() external view returns (Outer memory) {
        return outer;
    }

    function byReference() external returns (uint64) {
        Inner storage inner = other.inner;
        inner.high++;
        inner.set = !inner.set;
        return other.inner.high;
    }

    function remove() external {
        delete other;
        delete outer.inner;
    }
}
