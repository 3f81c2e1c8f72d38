// SPDX-License-Identifier: Apache-2.0
// contract: CreationCode
// refuses: cosmos: the code of a contract
// refuses: solana: the code of a contract
// refuses: move: the code of a contract
// differs: interpreter: there is no code
// differs: interpreter_optimized: there is no code
// The code of contracts as bytes: what it makes answers as what `new` makes.
pragma solidity ^0.8.27;

contract Small { uint256 public seven = 7; }

contract CreationCode {
    function code() external returns (bool, bool, bool) {
        bytes memory made = type(Small).creationCode;
        Small small = new Small();
        return (made.length > 10, keccak256(made) == keccak256(type(Small).creationCode), address(small).code.length == type(Small).runtimeCode.length);
    }

    function salted(bytes32 salt) external returns (bool) {
        bytes32 digest = keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, keccak256(type(Small).creationCode)));
        return address(new Small{salt: salt}()) == address(uint160(uint256(digest)));
    }
}
