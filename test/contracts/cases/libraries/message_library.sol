// SPDX-License-Identifier: Apache-2.0
// Public and external functions of libraries, called as others call them: memory is copied both ways, storage is the caller's, so are sender and address.
pragma solidity ^0.8.27;

event Added(uint256 value);
error Known(uint256 value);

library Data {
    struct Pair { uint256 a; uint256[] list; }
    struct Set { mapping(uint256 => bool) has; uint256 count; Pair last; }

    function add(Set storage self, uint256 value) external returns (bool) {
        if (self.has[value]) revert Known(value);
        self.has[value] = true;
        ++self.count;
        emit Added(value);
        return true;
    }

    function newest(Set storage self) public view returns (Pair storage) { return self.last; }

    /// Changes what it is given.
    function spoil(Pair memory p, uint256[] memory list) public pure returns (Pair memory, uint256[] memory) {
        p.a = 99;
        p.list[0] = 98;
        list[0] = list[0] + 1;
        return (p, p.list);
    }

    function first(uint256[] calldata list) external pure returns (uint256) { return list.length == 0 ? 0 : list[0]; }

    function tail(bytes calldata data, uint256 n) external pure returns (bytes calldata) { return data[n:]; }

    function same(uint256[] calldata list) external pure returns (uint256[] calldata) { return list; }

    function sum(uint256[] memory list) public pure returns (uint256 all) {
        for (uint256 i = 0; i < list.length; ++i) all += list[i];
        if (list.length > 0) list[0] = 1000;
    }

    /// Calls inside the library copy nothing.
    function twice(uint256[] memory list) public pure returns (uint256, uint256) { return (sum(list), sum(list)); }

    function who() public view returns (address, address) { return (msg.sender, address(this)); }

    function many(uint256 n) public pure returns (uint256) { return n * 2; }
    function many(uint256 n, string memory s) public pure returns (string memory) { return string.concat(s, n == 0 ? "-" : "+"); }
}

library Outer {
    function sum_of(uint256[] memory list) public pure returns (uint256) { return Data.sum(list) + list[0]; }
}

contract MessageLibrary {
    using Data for Data.Set;
    using Data for uint256[];
    using Outer for uint256[];
    Data.Set set;
    uint256[] kept = [uint256(5), 6];

    function add(uint256 value) external returns (bool, uint256) { return (set.add(value), set.count); }

    function clear(uint256 value) external {
        if (!set.has[value]) revert Known(0);
        delete set.has[value];
        emit Added(0);
    }

    function change_last(uint256 a) external returns (uint256, uint256) {
        Data.Pair storage p = set.newest();
        p.a = a;
        p.list.push(a + 1);
        return (set.last.a, Data.newest(set).list.length);
    }

    function copies() external pure returns (uint256[6] memory found) {
        uint256[] memory list = new uint256[](2);
        list[0] = 1;
        Data.Pair memory p = Data.Pair(7, list);
        (Data.Pair memory q, uint256[] memory r) = Data.spoil(p, list);
        r[1] = 55;
        return [p.a, p.list[0], q.a, q.list[0], q.list[1], r[0]];
    }

    function given_back(uint256[] memory list) external pure returns (uint256, uint256) {
        uint256[] memory other = list.same();
        other[0] = 77;
        return (list[0], other[0]);
    }

    function from_memory(uint256[] memory list) external pure returns (uint256, uint256, uint256) { return (list.first(), list.sum(), list[0]); }

    function from_state() external view returns (uint256, uint256, uint256) { return (kept.first(), kept.sum(), kept[0]); }

    function from_calldata(uint256[] calldata list, bytes calldata data) external pure returns (uint256, bytes memory) { return (list.first() + list.sum(), Data.tail(data, 2)); }

    function inside(uint256[] memory list) external pure returns (uint256, uint256) { return Data.twice(list); }

    function outer(uint256[] memory list) external pure returns (uint256) { return list.sum_of(); }

    function who() external view returns (bool, bool) {
        (address sender, address self) = Data.who();
        return (sender == msg.sender, self == address(this));
    }

    function overloads() external pure returns (uint256, string memory, string memory) { return (Data.many(4), Data.many(0, "a"), Data.many({s: "b", n: 1})); }
}
