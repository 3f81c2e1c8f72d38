// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Shape { function area() external view returns (uint256); function name() external returns (string memory); }

abstract contract Base {
    uint256 internal first;
    event Made(uint256 indexed a);
    error Wrong(uint256 a, string why);
    constructor(uint256 a) { first = a; emit Made(a); }
    modifier checked(uint256 limit) virtual {
        if (first > limit) revert Wrong(first, "limit");
        _;
        first += 1;
    }
    function step() public virtual returns (uint256) { return 1; }
    function hook() internal virtual;
}

contract Left is Base {
    uint256 left = 7;
    constructor(uint256 a) Base(a * 2) {}
    function step() public virtual override returns (uint256) { return 2 + super.step(); }
    function hook() internal virtual override { left++; }
}

abstract contract Right is Base {
    uint256 right;
    function step() public virtual override returns (uint256) { right = 3; return 3 + super.step(); }
}

contract Bottom is Left, Right, Shape {
    uint256 public immutable made = 4;
    string public override name;
    constructor(uint256 a, string memory n) Left(a) { name = n; }
    function step() public override(Left, Right) checked(10) checked(20) returns (uint256 r) {
        hook();
        r = super.step() + Base.step();
        if (r > 5) return r;
        r += 1;
    }
    function area() external pure returns (uint256) { return 1; }
    function step(uint256 n) external view returns (uint256) { return n + left + made; }
    receive() external payable {}
    fallback(bytes calldata input) external returns (bytes memory) { return input; }
}
