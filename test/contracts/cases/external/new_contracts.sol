// SPDX-License-Identifier: Apache-2.0
// contract: NewContracts
// refuses: cosmos: the making of another contract
// refuses: solana: the making of another contract
// refuses: move: the making of another contract
// Contracts that make others: arguments, value, salt, failures, immutables, contracts that make contracts, made in the constructor.
pragma solidity ^0.8.27;

contract Box {
    uint256 public immutable first;
    string public text;
    address public maker;
    error TooLarge(uint256 value);

    constructor(uint256 value, string memory t) payable {
        if (value > 100) revert TooLarge(value);
        require(value != 13, "unlucky");
        first = value;
        text = t;
        maker = msg.sender;
    }

    function held() external view returns (uint256) { return address(this).balance; }
}

contract Pair {
    Box public left = new Box(1, "left");
    Box public right;
    constructor(uint256 value) { right = new Box(value, "right"); }
}

contract Small { uint256 public seven = 7; }

contract NewContracts {
    Small small = new Small();
    Box kept;
    uint256 public counted;

    function box(uint256 value) external payable returns (uint256, string memory, bool, uint256) {
        kept = new Box{value: msg.value}(value, "a longer text than thirty-two bytes has");
        return (kept.first(), kept.text(), kept.maker() == address(this), kept.held());
    }

    function pair(uint256 value) external returns (uint256, uint256, string memory) {
        Pair made = new Pair(value);
        return (made.left().first(), made.right().first(), made.right().text());
    }

    function named() external returns (uint256) { return new Box({t: "x", value: 5}).first(); }

    function salted(bytes32 salt) external returns (bool) {
        ++counted;
        Box made = new Box{salt: salt}(3, "salt");
        return made.first() == 3;
    }

    function tries(uint256 value) external returns (uint256, string memory, bytes memory) {
        try new Box(value, "tried") returns (Box made) {
            return (made.first(), "", "");
        } catch Error(string memory why) {
            return (0, why, "");
        } catch (bytes memory data) {
            return (1, "", data);
        }
    }

    function too_dear() external returns (Box) { return new Box{value: 1 ether}(1, ""); }

    function undone(bytes32 salt) external returns (uint256, bool) {
        try this.make_and_fail(salt) { } catch { }
        Small made = new Small{salt: salt}();
        return (made.seven(), address(made).code.length > 0);
    }

    function make_and_fail(bytes32 salt) external {
        new Small{salt: salt}();
        revert();
    }


    function seven() external view returns (uint256) { return small.seven(); }
}
