// SPDX-License-Identifier: Apache-2.0
// Arguments to base constructors in the list of bases and as modifiers, computed from the derived one's.
pragma solidity ^0.8.27;

contract Named {
    string public name;

    constructor(string memory name_) {
        name = name_;
    }
}

contract Sized {
    uint256 public immutable size;
    uint256 public doubled;

    constructor(uint256 size_) {
        require(size_ > 0, "no size");
        size = size_;
        doubled = size * 2;
    }
}

contract Middle is Sized {
    address public owner;

    constructor(address owner_, uint256 x) Sized(x + 1) {
        owner = owner_;
    }
}

contract ConstructorArguments is Named("fixed"), Middle {
    uint256[] public list;

    constructor(uint256 x, uint256[] memory values) Middle(msg.sender, x * 10) {
        for (uint256 i = 0; i < values.length; i++) list.push(values[i] + size);
    }

    function length() external view returns (uint256) {
        return list.length;
    }
}
