// SPDX-License-Identifier: Apache-2.0
// Custom errors with arguments of every kind, from everywhere.
pragma solidity ^0.8.27;

error Plain();
error Outside(uint256 x);

library Lib {
    error InLibrary(string what);

    function fail(string memory what) internal pure {
        revert InLibrary(what);
    }
}

contract CustomErrors {
    enum E { A, B }

    struct S {
        uint256 x;
        string y;
    }

    error Values(uint8 a, int16 b, bool c, address d, bytes4 e, E f);
    error Dynamic(string a, bytes b, uint256[] c);
    error Nested(S s, S[] list);

    string stored = "stored";

    function plain() external pure {
        revert Plain();
    }

    function values() external view {
        revert Values(255, -2, true, msg.sender, "abcd", E.B);
    }

    function dynamic(uint256[] calldata c) external view {
        revert Dynamic(stored, bytes(stored), c);
    }

    function nested(uint256 x) external pure {
        S[] memory list = new S[](1);
        list[0] = S(x, "in list");
        revert Nested(S(x + 1, "alone"), list);
    }

    function outside(uint256 x) external pure returns (uint256) {
        if (x > 3) revert Outside(x);
        return x;
    }

    function library_(string calldata x) external pure {
        Lib.fail(x);
    }
}
