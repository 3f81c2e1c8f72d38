// SPDX-License-Identifier: Apache-2.0
// reference: new pipeline
// More parameters, locals and results at once than any stack reaches.
pragma solidity ^0.8.27;

contract ManyVariables {
    function mix(uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g, uint256 h, uint256 i, uint256 j, uint256 k, uint256 l) public pure returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256) {
        return (b, c, d, e, f, g, h, i, j, k, l, a + b + c + d + e + f + g + h + i + j + k + l);
    }

    function locals(uint256 x) external pure returns (uint256 r) {
        uint256 a = x + 1;
        uint256 b = a * 2;
        uint256 c = b + x;
        uint256 d = c ^ a;
        uint256 e = d + b;
        uint256 f = e * 3 % 1000;
        uint256 g = f + c;
        uint256 h = g | a;
        uint256 i = h + d;
        uint256 j = i + e;
        uint256 k = j + f;
        uint256 l = k + g;
        uint256 m = l + h;
        uint256 n = m + i;
        uint256 o = n + j;
        uint256 p = o + k;
        uint256 q = p + l;
        uint256 s = q + m;
        for (uint256 t = 0; t < 3; t++) {
            (a, b, c, d, e, f) = (f, a, b, c, d, e);
            r += a * 2 + b * 3 + c * 5 + d * 7 + e * 11 + f * 13 + g * 17 + h * 19 + i * 23;
            if (r % 2 == 0) (g, s) = (s, g);
            r += j + k + l + m + n + o + p + q + s + t;
        }
    }

    function passed(uint256 x) external pure returns (uint256 first, uint256 last) {
        (first, , , , , , , , , , , last) = mix(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8, x + 9, x + 10, x + 11);
    }

    function inMemory(uint256 x) external pure returns (uint256) {
        uint256[20] memory list;
        for (uint256 i = 0; i < 20; i++) list[i] = x + i;
        return list[0] + (list[1] + (list[2] + (list[3] + (list[4] + (list[5] + (list[6] + (list[7] + (list[8] + (list[9] + (list[10] + (list[11] + (list[12] + (list[13] + (list[14] + (list[15] + (list[16] + (list[17] + (list[18] + list[19]))))))))))))))))));
    }
}
