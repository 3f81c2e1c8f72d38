// SPDX-License-Identifier: Apache-2.0
// A constant-product exchange of two balances kept inside, with shares and a fee.
pragma solidity ^0.8.27;

contract Amm {
    uint256 public reserve0;
    uint256 public reserve1;
    uint256 public totalShares;
    mapping(address => uint256) public shares;
    mapping(address => uint256[2]) public funds;

    error Slippage(uint256 got, uint256 wanted);
    event Swap(address indexed who, bool zeroForOne, uint256 paid, uint256 got);
    event Liquidity(address indexed who, int256 change);

    function deposit(uint256 amount0, uint256 amount1) external {
        funds[msg.sender][0] += amount0;
        funds[msg.sender][1] += amount1;
    }

    function sqrt(uint256 x) public pure returns (uint256 z) {
        if (x > 3) {
            z = x;
            uint256 y = x / 2 + 1;
            while (y < z) {
                z = y;
                y = (x / y + y) / 2;
            }
        } else if (x != 0) {
            z = 1;
        }
    }

    function join(uint256 amount0, uint256 amount1) external returns (uint256 made) {
        funds[msg.sender][0] -= amount0;
        funds[msg.sender][1] -= amount1;
        if (totalShares == 0) {
            made = sqrt(amount0 * amount1);
        } else {
            uint256 by0 = amount0 * totalShares / reserve0;
            uint256 by1 = amount1 * totalShares / reserve1;
            made = by0 < by1 ? by0 : by1;
        }
        require(made > 0, "no shares");
        reserve0 += amount0;
        reserve1 += amount1;
        totalShares += made;
        shares[msg.sender] += made;
        emit Liquidity(msg.sender, int256(made));
    }

    function leave(uint256 amount) external returns (uint256 got0, uint256 got1) {
        got0 = amount * reserve0 / totalShares;
        got1 = amount * reserve1 / totalShares;
        shares[msg.sender] -= amount;
        totalShares -= amount;
        reserve0 -= got0;
        reserve1 -= got1;
        funds[msg.sender][0] += got0;
        funds[msg.sender][1] += got1;
        emit Liquidity(msg.sender, -int256(amount));
    }

    function swap(bool zeroForOne, uint256 paid, uint256 wanted) external returns (uint256 got) {
        (uint256 from, uint256 to) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 afterFee = paid * 997;
        got = afterFee * to / (from * 1000 + afterFee);
        if (got < wanted) revert Slippage(got, wanted);
        funds[msg.sender][zeroForOne ? 0 : 1] -= paid;
        funds[msg.sender][zeroForOne ? 1 : 0] += got;
        if (zeroForOne) (reserve0, reserve1) = (reserve0 + paid, reserve1 - got);
        else (reserve1, reserve0) = (reserve1 + paid, reserve0 - got);
        emit Swap(msg.sender, zeroForOne, paid, got);
    }
}
