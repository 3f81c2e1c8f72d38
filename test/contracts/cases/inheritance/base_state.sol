// SPDX-License-Identifier: Apache-2.0
// State of bases: shadowed by nothing, written from everywhere, private variables of equal name.
pragma solidity ^0.8.27;

contract First {
    uint256 private secret = 1;
    uint256 internal shared = 10;

    function firstSecret() public view returns (uint256) {
        return secret;
    }

    function raise() public virtual {
        secret += 1;
        shared += 10;
    }
}

contract Second {
    uint8 internal small = 3;

    function setSmall(uint8 x) public {
        small = x;
    }
}

contract BaseState is First, Second {
    bool flag = true;

    function all() external view returns (uint256, uint256, uint8, bool) {
        return (firstSecret(), shared, small, flag);
    }

    function raise() public override {
        super.raise();
        First.raise();
        shared++;
        flag = !flag;
    }
}
