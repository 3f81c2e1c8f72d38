// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `gasleft()`
// refuses: solana: cannot do `gasleft()`
// refuses: cosmos: cannot do `gasleft()`
// What is left never becomes more from one place to the next; machines that count no gas always have the same.
pragma solidity ^0.8.27;

contract GasLeft {
    uint256 public total;

    function falls() external view returns (bool) {
        uint256 first = gasleft();
        return first >= gasleft();
    }

    function costs() external returns (bool) {
        uint256 first = gasleft();
        total += 1;
        uint256 second = gasleft();
        return first >= second && second >= gasleft();
    }
}
