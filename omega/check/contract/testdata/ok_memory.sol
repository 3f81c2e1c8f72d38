// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Memory {
    struct Inner { string name; uint256[] values; uint256[2] pair; }
    struct Outer { Inner inner; bool set; Inner[] many; }

    function zero() external pure returns (Outer memory o) {}

    function build(uint256 n) public pure returns (uint256[] memory made, bytes memory b) {
        made = new uint256[](n);
        for (uint256 i = 0; i < made.length; i++) {
            if (i == 3) continue;
            if (i > 7) break;
            made[i] = i * i;
        }
        b = new bytes(n);
        b[0] = "a";
        Inner[] memory inners = new Inner[](2);
        inners[1].name = "second";
        inners[1].pair[1] = 5;
        uint8[3] memory three = [1, 2, 3];
        made[0] = three[2];
        bytes memory alias_ = b;
        alias_[1] = 0x62;
    }

    function text(string calldata s, bytes calldata d) external pure returns (string memory, bytes32, bytes4, uint256) {
        string memory t = string.concat(s, "!", string(d));
        bytes memory packed = abi.encodePacked(uint8(1), s, d, address(0));
        bytes memory first = d[1:3];
        return (t, keccak256(packed), bytes4(d[:4]), first.length);
    }

    function coded(bytes memory d) external pure returns (uint256 a, string memory s, bytes memory e) {
        (a, s) = abi.decode(d, (uint256, string));
        e = abi.encode(a, s, [uint256(1), 2]);
        e = abi.encodeWithSelector(0x12345678, a);
        e = abi.encodeWithSignature("f(uint256)", a);
        e = bytes.concat(e, bytes4(0x01020304));
        Outer memory o = abi.decode(d, (Outer));
        o.set = true;
        delete o.inner;
    }

    function numbers(uint8 a, int16 b, uint256 c) external pure returns (uint256 r, int256 s) {
        unchecked { a = a + 1; a *= 2; }
        a -= 1;
        r = a ** 2 + uint16(int16(b)) + (c << a) + (c >> 2) % 7;
        s = b / 3 - -b;
        s = ~s;
        r = c > 5 ? a : c;
        r ^= 0xff;
        bool ok = (a > 1 && b < 2) || !(c == 3);
        assert(ok);
        uint160 n = uint160(address(uint160(r)));
        r = n;
        do { r--; } while (r > 3);
        while (true) { if (r == 0) { return (r, s); } r /= 2; }
    }

    function bits(bytes32 h) external pure returns (bytes1, bytes16, bytes32, uint8) {
        return (h[3], bytes16(h), bytes32(bytes4(0xdeadbeef)) | h, uint8(h.length));
    }
}
