// SPDX-License-Identifier: Apache-2.0
// Strings, bytes, arrays and structs in events; hashed when indexed.
pragma solidity ^0.8.27;

contract DynamicData {
    struct S {
        uint256 x;
        string y;
    }

    struct Flat {
        uint128 x;
        bool y;
    }

    event Text(string indexed key, string value);
    event Data(bytes indexed key, bytes value, uint256 n);
    event List(uint256[] indexed key, uint256[] value);
    event Struct(S value, Flat indexed flat);
    event Pair(uint16[2] indexed key, uint16[2] value);
    event Nested(string[] value, S[] more);

    string stored = "in storage";
    uint256[] list;

    function text(string calldata x) external {
        emit Text(x, x);
        emit Text(stored, stored);
    }

    function data(bytes memory x) external {
        emit Data(x, x, x.length);
    }

    function arrays(uint256[] calldata x) external {
        list = x;
        emit List(x, x);
        emit List(list, list);
        emit Pair([uint16(1), 65535], [uint16(3), 4]);
    }

    function structs(uint256 x) external {
        emit Struct(S(x, "y"), Flat(uint128(x), true));
        S[] memory more = new S[](2);
        more[1] = S(x, "more");
        string[] memory texts = new string[](1);
        texts[0] = "first";
        emit Nested(texts, more);
    }
}
