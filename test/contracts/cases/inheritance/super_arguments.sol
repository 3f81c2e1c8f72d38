// SPDX-License-Identifier: Apache-2.0
// super with arguments, results and references; each step adds its part.
pragma solidity ^0.8.27;

contract Base {
    uint256[] internal log;

    function combine(uint256[] memory x, uint256 by) public virtual returns (uint256[] memory, string memory) {
        log.push(by);
        x[0] += by;
        return (x, "base");
    }
}

contract Left is Base {
    function combine(uint256[] memory x, uint256 by) public virtual override returns (uint256[] memory r, string memory s) {
        (r, s) = super.combine(x, by + 1);
        s = string.concat(s, ".left");
        r[1] += log.length;
    }
}

contract Right is Base {
    function combine(uint256[] memory x, uint256 by) public virtual override returns (uint256[] memory, string memory s) {
        uint256[] memory y = new uint256[](2);
        y[0] = x[0] * 10;
        y[1] = x[1] * 10;
        (x, s) = super.combine(y, by * 2);
        return (x, string.concat(s, ".right"));
    }
}

contract SuperArguments is Left, Right {
    function combine(uint256[] memory x, uint256 by) public override(Left, Right) returns (uint256[] memory, string memory) {
        if (by == 0) return Base.combine(x, 1);
        return super.combine(x, by);
    }

    function entries() external view returns (uint256[] memory) {
        return log;
    }
}
