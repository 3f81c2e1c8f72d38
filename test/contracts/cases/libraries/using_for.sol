// SPDX-License-Identifier: Apache-2.0
// Functions of libraries as members of values, structs, arrays and mappings.
pragma solidity ^0.8.27;

library Numbers {
    function max(uint256 x, uint256 y) internal pure returns (uint256) {
        return x > y ? x : y;
    }

    function clamp(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return x < low ? low : x > high ? high : x;
    }
}

library Lists {
    error Missing(uint256 x);

    function sum(uint256[] storage list) internal view returns (uint256 s) {
        for (uint256 i = 0; i < list.length; i++) s += list[i];
    }

    function total(uint256[] memory list) internal pure returns (uint256 s) {
        for (uint256 i = 0; i < list.length; i++) s += list[i];
    }

    function remove(uint256[] storage list, uint256 x) internal {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] == x) {
                list[i] = list[list.length - 1];
                list.pop();
                return;
            }
        }
        revert Missing(x);
    }
}

library Ledger {
    struct Book {
        mapping(address => uint256) amounts;
        uint256 total;
    }

    function credit(Book storage book, address who, uint256 x) internal returns (uint256) {
        book.total += x;
        return book.amounts[who] += x;
    }
}

contract UsingFor {
    using Numbers for uint256;
    using Lists for uint256[];
    using Ledger for Ledger.Book;

    uint256[] list;
    Ledger.Book book;

    function numbers(uint256 x) external pure returns (uint256, uint256, uint256) {
        return (x.max(10), x.clamp(5, 7), Numbers.max(x, 3).max(4));
    }

    function lists(uint256[] memory x) external returns (uint256, uint256) {
        list = x;
        list.push(x.total());
        return (list.sum(), x.total());
    }

    function remove(uint256 x) external returns (uint256[] memory) {
        list.remove(x);
        return list;
    }

    function credit(uint256 x) external returns (uint256, uint256) {
        return (book.credit(msg.sender, x), book.total);
    }
}
