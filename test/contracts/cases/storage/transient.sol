// SPDX-License-Identifier: Apache-2.0
// Transient variables: zero when a call begins, kept through all that it does, several in one slot, inherited and with getters.
pragma solidity ^0.8.28;

type Meters is uint64;

abstract contract Locked {
    bool transient locked;
    error Busy();
    modifier once() {
        if (locked) revert Busy();
        locked = true;
        _;
        locked = false;
    }
}

contract Transients is Locked {
    enum Phase { None, Begun, Done }
    struct All {
        bool locked;
        uint8 small;
        int16 signed;
        uint256 wide;
        Phase phase;
        address who;
        bytes3 text;
        Meters length;
    }

    uint256 kept;
    uint8 transient small;
    int16 public transient signed;
    uint256 transient wide;
    Phase transient phase;
    address transient who;
    bytes3 transient text;
    Meters transient length;
    uint256 after_all;

    constructor() {
        small = 7;
        wide = 8;
        kept = small + wide;
    }

    function all() public view returns (All memory) { return All(locked, small, signed, wide, phase, who, text, length); }

    function fill() external returns (All memory, uint256) {
        locked = true;
        small = 255;
        signed = -5;
        wide = type(uint256).max;
        phase = Phase.Done;
        who = msg.sender;
        text = "abc";
        length = Meters.wrap(77);
        after_all = 3;
        return (all(), kept + after_all);
    }

    function change() external returns (uint8, int16, uint256, bytes3) {
        small = 10;
        small++;
        small += 4;
        signed--;
        --signed;
        wide = 2 ** 255;
        unchecked { wide *= 2; }
        wide += small;
        text = hex"010203";
        (small, signed) = (uint8(uint16(-signed)), int16(uint16(small)));
        delete text;
        return (small, signed, wide, text);
    }

    function overflows() external returns (uint8) {
        small = 255;
        small += 1;
        return small;
    }

    function guarded(uint256 depth) public once returns (uint256) { return depth == 0 ? 1 : guarded(depth - 1); }

    function loop(uint256 n) external returns (uint256) {
        for (; wide < n; ++wide) {
            after_all += wide;
            if (wide == 3) signed = int16(uint16(wide));
        }
        delete wide;
        return after_all * 1000 + wide + uint16(signed);
    }
}
