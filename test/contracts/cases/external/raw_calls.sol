// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call by address
// refuses: solana: cannot do a call by address
// refuses: cosmos: cannot do a call by address
// call, staticcall and delegatecall with encoded data, to itself and to nothing.
pragma solidity ^0.8.27;

contract RawCalls {
    uint256 public x;

    function set(uint256 y) external returns (uint256) {
        x = y;
        return y * 2;
    }

    function fail() external pure {
        revert("failed");
    }

    function byCall(uint256 y) external returns (bool done, uint256 r) {
        bytes memory data;
        (done, data) = address(this).call(abi.encodeCall(this.set, (y)));
        r = abi.decode(data, (uint256));
    }

    function byStatic(uint256 y) external view returns (bool done, uint256 length) {
        bytes memory data;
        (done, data) = address(this).staticcall(abi.encodeWithSignature("x()"));
        require(done && abi.decode(data, (uint256)) == y, "x");
        (done, data) = address(this).staticcall(abi.encodeWithSignature("fail()"));
        length = data.length;
    }

    function byDelegate(uint256 y) external returns (bool done, address) {
        (done, ) = address(this).delegatecall(abi.encodeCall(this.set, (y)));
        return (done, msg.sender);
    }

    function toNothing(address to) external returns (bool, uint256) {
        (bool done, bytes memory data) = to.call("anything");
        return (done, data.length);
    }

    function data() external returns (bool, bytes memory) {
        return address(this).call(abi.encodeCall(this.fail, ()));
    }
}
