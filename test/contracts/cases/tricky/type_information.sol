// SPDX-License-Identifier: Apache-2.0
// type(C).name, interfaceId, selectors of events and errors as values, enum ends in types.
pragma solidity ^0.8.27;

interface IEmpty {}

interface IThing {
    event Made(uint256 x);
    error Bad();
    function one() external;
    function two(uint256[] calldata x, IEmpty y) external view returns (bool);
}

abstract contract Thing is IThing {
    enum Size { Small, Large }
}

contract TypeInformation is Thing {
    function one() external {
        emit Made(1);
    }

    function two(uint256[] calldata x, IEmpty y) external view returns (bool) {
        return x.length > 0 && address(y) != address(this);
    }

    function names() external pure returns (string memory, string memory) {
        return (type(TypeInformation).name, type(IThing).name);
    }

    function ids() external pure returns (bytes4, bytes4, bytes4, bytes32) {
        return (type(IThing).interfaceId, IThing.two.selector, Bad.selector, Made.selector);
    }

    function knows(bytes4 id) external pure returns (bool) {
        return id == type(IThing).interfaceId || id == 0x01ffc9a7;
    }

    function size() external pure returns (Size, uint8) {
        return (type(Size).max, uint8(type(Size).min));
    }
}
