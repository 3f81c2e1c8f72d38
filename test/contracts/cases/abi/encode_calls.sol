// SPDX-License-Identifier: Apache-2.0
// Selectors: encodeWithSelector, encodeWithSignature, encodeCall, .selector of functions, errors and events, interfaceId.
pragma solidity ^0.8.27;

interface ITarget {
    function one(uint256 x, string calldata s) external returns (bool);
    function two() external view returns (address[] memory);
}

contract EncodeCalls {
    error Failed(uint256 code);
    event Done(address indexed who, bytes data);

    function selectors() external pure returns (bytes4, bytes4, bytes4, bytes32, bytes4) {
        return (ITarget.one.selector, this.selectors.selector, Failed.selector, Done.selector, type(ITarget).interfaceId);
    }

    function withSelector(bytes4 s, uint256 x) external pure returns (bytes memory) {
        return abi.encodeWithSelector(s, x, "t");
    }

    function withSignature(uint256 x) external pure returns (bytes memory) {
        return abi.encodeWithSignature("one(uint256,string)", x, "t");
    }

    function call(uint256 x) external pure returns (bytes memory, bytes memory) {
        return (abi.encodeCall(ITarget.one, (x, "t")), abi.encodeCall(ITarget.two, ()));
    }

    function equal(uint256 x) external pure returns (bool) {
        return keccak256(abi.encodeCall(ITarget.one, (x, "abc"))) == keccak256(abi.encodeWithSelector(ITarget.one.selector, x, "abc"));
    }
}
