// SPDX-License-Identifier: Apache-2.0
// Quick, insertion and merge sort in memory; a binary search; the median.
pragma solidity ^0.8.27;

contract Sorting {
    function quick(int256[] memory x) public pure returns (int256[] memory) {
        if (x.length > 1) sortRange(x, 0, int256(x.length) - 1);
        return x;
    }

    function sortRange(int256[] memory x, int256 low, int256 high) private pure {
        int256 i = low;
        int256 j = high;
        int256 pivot = x[uint256(low + (high - low) / 2)];
        while (i <= j) {
            while (x[uint256(i)] < pivot) i++;
            while (x[uint256(j)] > pivot) j--;
            if (i <= j) {
                (x[uint256(i)], x[uint256(j)]) = (x[uint256(j)], x[uint256(i)]);
                i++;
                j--;
            }
        }
        if (low < j) sortRange(x, low, j);
        if (i < high) sortRange(x, i, high);
    }

    function insertion(int256[] calldata input) external pure returns (int256[] memory x) {
        x = input;
        for (uint256 i = 1; i < x.length; i++) {
            int256 key = x[i];
            uint256 j = i;
            while (j > 0 && x[j - 1] > key) {
                x[j] = x[j - 1];
                j--;
            }
            x[j] = key;
        }
    }

    function merge(int256[] memory x) public pure returns (int256[] memory r) {
        if (x.length < 2) return x;
        uint256 half = x.length / 2;
        int256[] memory left = new int256[](half);
        int256[] memory right = new int256[](x.length - half);
        for (uint256 i = 0; i < half; i++) left[i] = x[i];
        for (uint256 i = half; i < x.length; i++) right[i - half] = x[i];
        (left, right) = (merge(left), merge(right));
        r = new int256[](x.length);
        (uint256 l, uint256 k) = (0, 0);
        for (uint256 i = 0; i < r.length; i++) r[i] = k >= right.length || (l < left.length && left[l] <= right[k]) ? left[l++] : right[k++];
    }

    function find(int256[] calldata x, int256 value) external pure returns (bool, uint256) {
        (uint256 low, uint256 high) = (0, x.length);
        while (low < high) {
            uint256 middle = (low + high) >> 1;
            if (x[middle] < value) low = middle + 1;
            else high = middle;
        }
        return (low < x.length && x[low] == value, low);
    }

    function median(int256[] memory x) external pure returns (int256) {
        require(x.length > 0, "empty");
        quick(x);
        uint256 m = x.length / 2;
        return x.length % 2 == 1 ? x[m] : (x[m - 1] + x[m]) / 2;
    }
}
