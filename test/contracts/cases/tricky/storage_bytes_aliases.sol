// SPDX-License-Identifier: Apache-2.0
// bytes and strings of state through references, in structs, arrays and mappings; element writes.
pragma solidity ^0.8.27;

contract StorageBytesAliases {
    struct Doc {
        bytes body;
        string title;
    }

    Doc doc;
    mapping(string => bytes) files;
    bytes[] parts;

    function write(bytes calldata x) external {
        bytes storage body = doc.body;
        for (uint256 i = 0; i < x.length; i++) body.push(x[i]);
        if (body.length > 2) body[2] = "#";
        files["copy"] = body;
        parts.push(body);
        bytes storage last = parts[parts.length - 1];
        last.push("!");
        last[0] = bytes1(uint8(last[0]) + 1);
    }

    function title(string calldata t) external {
        Doc storage d = doc;
        d.title = t;
        bytes(d.title)[0] = "T";
    }

    function shrink(uint256 n) external returns (uint256) {
        bytes storage body = doc.body;
        while (body.length > n) body.pop();
        return body.length;
    }

    function all() external view returns (Doc memory, bytes memory, bytes[] memory) {
        return (doc, files["copy"], parts);
    }
}
