// SPDX-License-Identifier: Apache-2.0
// Many kinds of tokens in one contract, moved in batches.
pragma solidity ^0.8.27;

contract MultiToken {
    mapping(address => mapping(uint256 => uint256)) private balances;
    mapping(address => mapping(address => bool)) public operators;

    event Single(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value);
    event Batch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values);
    error Lengths(uint256 ids, uint256 values);
    error Insufficient(address who, uint256 balance, uint256 needed, uint256 id);

    function balanceOf(address who, uint256 id) public view returns (uint256) {
        return balances[who][id];
    }

    function balanceOfBatch(address[] calldata who, uint256[] calldata ids) external view returns (uint256[] memory r) {
        if (who.length != ids.length) revert Lengths(ids.length, who.length);
        r = new uint256[](who.length);
        for (uint256 i = 0; i < r.length; ++i) r[i] = balanceOf(who[i], ids[i]);
    }

    function setOperator(address operator, bool on) external {
        operators[msg.sender][operator] = on;
    }

    function mint(address to, uint256 id, uint256 value) external {
        update(address(0), to, single(id), single(value));
    }

    function transfer(address from, address to, uint256[] memory ids, uint256[] memory values) external {
        require(from == msg.sender || operators[from][msg.sender], "not operator");
        update(from, to, ids, values);
    }

    function single(uint256 x) private pure returns (uint256[] memory r) {
        r = new uint256[](1);
        r[0] = x;
    }

    function update(address from, address to, uint256[] memory ids, uint256[] memory values) private {
        if (ids.length != values.length) revert Lengths(ids.length, values.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 id = ids[i];
            if (from != address(0)) {
                uint256 have = balances[from][id];
                if (have < values[i]) revert Insufficient(from, have, values[i], id);
                unchecked {
                    balances[from][id] = have - values[i];
                }
            }
            if (to != address(0)) balances[to][id] += values[i];
        }
        if (ids.length == 1) emit Single(msg.sender, from, to, ids[0], values[0]);
        else emit Batch(msg.sender, from, to, ids, values);
    }
}
