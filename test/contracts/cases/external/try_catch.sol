// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call of another contract
// refuses: solana: cannot do a call of another contract
// refuses: cosmos: cannot do a call of another contract
// try with its clauses: results, Error, Panic, other data; state undone in the call alone.
pragma solidity ^0.8.27;

contract TryCatch {
    error Custom(uint256 x);
    uint256 public trail;

    function act(uint256 how) external returns (uint256, string memory) {
        trail = trail * 10 + how;
        if (how == 1) revert("message");
        if (how == 2) revert Custom(7);
        if (how == 3) assert(false);
        if (how == 4) return (10 / (how - 4), "");
        if (how == 5) revert();
        return (how, "fine");
    }

    function attempt(uint256 how) external returns (string memory, uint256, bytes memory data) {
        trail++;
        try this.act(how) returns (uint256 x, string memory y) {
            return (y, x, "");
        } catch Error(string memory why) {
            return (why, 1, "");
        } catch Panic(uint256 code) {
            return ("panic", code, "");
        } catch (bytes memory other) {
            return ("other", other.length, other);
        }
    }

    function only(uint256 how) external returns (bool) {
        try this.act(how) {
            return true;
        } catch {
            return false;
        }
    }

    function someOnly(uint256 how) external returns (string memory) {
        try this.act(how) {
            return "done";
        } catch Error(string memory why) {
            return why;
        }
    }
}
