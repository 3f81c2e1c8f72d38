// SPDX-License-Identifier: Apache-2.0
// Immutables of every value type, set at their declaration or in constructors, read in both.
pragma solidity ^0.8.27;

enum Kind { One, Two, Three }
type Wrapped is uint32;

contract ImmutablesBase {
    uint256 internal immutable inherited;

    constructor(uint256 x) {
        inherited = x * 2;
    }
}

contract Immutables is ImmutablesBase {
    uint8 public immutable small;
    int128 public immutable signed;
    bool public immutable flag;
    address public immutable maker = msg.sender;
    bytes5 public immutable name;
    Kind public immutable kind;
    Wrapped public immutable wrapped;
    uint256 public copy;

    constructor(uint8 small_, int128 signed_, bool flag_, bytes5 name_, Kind kind_) ImmutablesBase(small_) {
        small = small_;
        signed = signed_;
        if (flag_) flag = true;
        else flag = false;
        name = name_;
        kind = kind_;
        wrapped = Wrapped.wrap(small * 1000);
        copy = inherited + small;
    }

    function all() external view returns (uint256, uint8, int128, bool, address, bytes5, Kind, Wrapped) {
        return (inherited, small, signed, flag, maker, name, kind, wrapped);
    }
}
