// SPDX-License-Identifier: Apache-2.0
// Strings and bytes at the border of 31 and 32 bytes, each way.
pragma solidity ^0.8.27;

contract ShortAndLongStrings {
    string public text;
    bytes public data;

    function setText(string calldata x) external returns (uint256) {
        text = x;
        return bytes(text).length;
    }

    function setData(bytes memory x) external {
        data = x;
    }

    function push(bytes1 x) external returns (uint256) {
        data.push(x);
        return data.length;
    }

    function pop() external returns (uint256) {
        data.pop();
        return data.length;
    }

    function at(uint256 i) external view returns (bytes1, bytes1) {
        return (data[i], bytes(text)[i]);
    }

    function put(uint256 i, bytes1 x) external {
        data[i] = x;
        bytes(text)[i] = x;
    }

    function copy() external {
        text = string(data);
    }

    function clear() external {
        delete text;
        delete data;
    }
}
