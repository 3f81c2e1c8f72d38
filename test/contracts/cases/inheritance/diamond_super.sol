// SPDX-License-Identifier: Apache-2.0
// super follows the C3 order, each contract once.
pragma solidity ^0.8.27;

contract Root {
    string public trail;

    function visit() public virtual {
        trail = string.concat(trail, "Root ");
    }
}

contract Left is Root {
    function visit() public virtual override {
        trail = string.concat(trail, "Left ");
        super.visit();
    }
}

contract Right is Root {
    function visit() public virtual override {
        trail = string.concat(trail, "Right ");
        super.visit();
    }
}

contract Bottom is Left, Right {
    function visit() public override(Left, Right) {
        trail = string.concat(trail, "Bottom ");
        super.visit();
    }

    function direct() external {
        delete trail;
        Left.visit();
    }

    function root() external {
        delete trail;
        Root.visit();
    }
}
