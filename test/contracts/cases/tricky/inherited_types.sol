// SPDX-License-Identifier: Apache-2.0
// Structs, enums, errors, events, constants and user types of bases and libraries, used by their path.
pragma solidity ^0.8.27;

library Lib {
    struct Item {
        Kind kind;
        uint256 n;
    }

    enum Kind { A, B }

    type Tag is bytes3;

    uint256 internal constant MANY = 40;
}

abstract contract Base {
    struct Item {
        uint8 small;
        Lib.Item inner;
    }

    enum Kind { X, Y, Z }

    error Wrong(Kind kind, Lib.Kind other);
    event Seen(Item item, Lib.Tag tag);
    uint256 public constant LIMIT = Lib.MANY + 2;
    Item internal kept;
}

contract InheritedTypes is Base {
    function make(uint8 x, Lib.Kind k, Lib.Tag tag) external returns (Item memory item) {
        item = Item({small: x, inner: Lib.Item(k, LIMIT)});
        kept = item;
        emit Seen(item, tag);
    }

    function check(Base.Kind k) external pure returns (uint8) {
        if (k == Kind.Z) revert Wrong(k, Lib.Kind.B);
        return uint8(k);
    }

    function tag() external pure returns (Lib.Tag, bytes3) {
        Lib.Tag t = Lib.Tag.wrap("tag");
        return (t, Lib.Tag.unwrap(t));
    }

    function get() external view returns (uint256, Lib.Kind) {
        return (kept.inner.n + kept.small, kept.inner.kind);
    }
}
