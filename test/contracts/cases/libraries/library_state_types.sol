// SPDX-License-Identifier: Apache-2.0
// Libraries with their own enums, structs, constants, events and overloads; libraries that use libraries.
pragma solidity ^0.8.27;

library Base {
    uint256 internal constant UNIT = 1000;

    enum Rounding { Down, Up }

    function divide(uint256 x, uint256 y, Rounding rounding) internal pure returns (uint256) {
        uint256 q = x / y;
        return rounding == Rounding.Up && x % y != 0 ? q + 1 : q;
    }
}

library Shares {
    using Base for uint256;

    struct Pool {
        uint256 assets;
        uint256 shares;
    }

    event Joined(address indexed who, uint256 shares);
    error Nothing();

    function join(Pool storage pool, uint256 amount) internal returns (uint256 got) {
        got = pool.shares == 0 ? amount * Base.UNIT : (amount * pool.shares).divide(pool.assets, Base.Rounding.Down);
        if (got == 0) revert Nothing();
        pool.assets += amount;
        pool.shares += got;
        emit Joined(msg.sender, got);
    }

    function cost(Pool memory pool, uint256 shares) internal pure returns (uint256) {
        return (shares * pool.assets).divide(pool.shares, Base.Rounding.Up);
    }
}

contract LibraryStateTypes {
    using Shares for Shares.Pool;

    Shares.Pool public pool;

    function join(uint256 amount) external returns (uint256) {
        return pool.join(amount);
    }

    function profit(uint256 x) external {
        pool.assets += x;
    }

    function cost(uint256 shares) external view returns (uint256) {
        return pool.cost(shares);
    }
}
