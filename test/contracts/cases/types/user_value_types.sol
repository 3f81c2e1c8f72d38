// SPDX-License-Identifier: Apache-2.0
// User-defined value types: wrap, unwrap, as keys, in storage, from outside.
pragma solidity ^0.8.27;

type Price is uint128;
type Id is bytes8;
type Delta is int64;

contract UserValueTypes {
    type Local is address;

    mapping(Id => Price) public prices;
    Local public lastUser;
    Delta[] deltas;

    function set(Id id, Price price) external returns (Price old) {
        old = prices[id];
        prices[id] = price;
        deltas.push(Delta.wrap(int64(int128(Price.unwrap(price))) - int64(int128(Price.unwrap(old)))));
        lastUser = Local.wrap(msg.sender);
    }

    function double(Id id) external view returns (Price) {
        return Price.wrap(Price.unwrap(prices[id]) * 2);
    }

    function delta(uint256 i) external view returns (Delta, int64) {
        return (deltas[i], Delta.unwrap(deltas[i]));
    }

    function all() external view returns (Delta[] memory) {
        return deltas;
    }
}
