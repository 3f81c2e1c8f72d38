// SPDX-License-Identifier: Apache-2.0
// Functions without body, implemented below; a template method.
pragma solidity ^0.8.27;

abstract contract Shape {
    function area() public view virtual returns (uint256);

    function name() public pure virtual returns (string memory) {
        return "shape";
    }

    function describe() external view returns (string memory, uint256) {
        return (name(), area() * scale());
    }

    function scale() internal view virtual returns (uint256);
}

abstract contract Scaled is Shape {
    uint256 private factor;

    constructor(uint256 factor_) {
        factor = factor_;
    }

    function scale() internal view override returns (uint256) {
        return factor;
    }
}

contract Square is Scaled {
    uint256 immutable side;

    constructor(uint256 side_) Scaled(3) {
        side = side_;
    }

    function area() public view override returns (uint256) {
        return side * side;
    }

    function name() public pure override returns (string memory) {
        return "square";
    }
}
