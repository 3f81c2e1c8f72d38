// SPDX-License-Identifier: Apache-2.0
// Virtual modifiers and modifiers on overridden functions.
pragma solidity ^0.8.27;

contract Base {
    uint256 public level;

    modifier gate() virtual {
        require(level < 3, "base gate");
        _;
    }

    function up() public virtual gate {
        level++;
    }
}

contract Middle is Base {
    modifier gate() virtual override {
        require(level < 2, "middle gate");
        _;
        level += 10;
    }
}

contract VirtualModifier is Middle {
    modifier also() {
        level += 100;
        _;
    }

    function up() public override also {
        if (level == 100) super.up();
    }

    function reset() external gate {
        level = 0;
    }
}
