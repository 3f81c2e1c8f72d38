// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
    function deposit() external payable;
    function info(bytes calldata d) external returns (uint256 a, string memory s);
}

contract Calls {
    IToken immutable token;
    event Failed(string reason, uint256 code, bytes data);
    constructor(IToken t) payable { token = t; }

    function pay(address payable to, uint256 v) external payable returns (uint256) {
        require(token.transfer(to, v));
        token.deposit{value: msg.value, gas: 10_000}();
        to.transfer(v);
        if (!to.send(1)) revert("send");
        (bool ok, bytes memory back) = to.call{value: v}("");
        require(ok, string(back));
        (ok, ) = address(token).staticcall(abi.encodeCall(IToken.balanceOf, (to)));
        return token.balanceOf(address(this)) + address(this).balance + to.balance + to.code.length;
    }

    function tries(bytes calldata d) external returns (uint256 r) {
        try token.info(d) returns (uint256 a, string memory) {
            r = a;
        } catch Error(string memory reason) {
            emit Failed(reason, 0, "");
        } catch Panic(uint256 code) {
            emit Failed("", code, "");
        } catch (bytes memory data) {
            emit Failed("", 0, data);
        }
        try this.self() {} catch { r = 9; }
    }

    function self() external view returns (bytes4) {
        return this.self.selector ^ IToken.transfer.selector ^ type(IToken).interfaceId ^ msg.sig;
    }

    function signer(bytes32 h, uint8 v, bytes32 r, bytes32 s) external view returns (address) {
        if (block.timestamp > block.number && tx.origin != msg.sender && block.chainid == 1) return address(0);
        return ecrecover(h, v, r, s);
    }
}
