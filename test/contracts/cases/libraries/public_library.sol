// SPDX-License-Identifier: Apache-2.0
// A library's constants and functions on enums and calldata; the same name in two libraries.
pragma solidity ^0.8.27;

library Colours {
    enum Colour { Red, Green, Blue }

    uint8 internal constant COUNT = uint8(type(Colour).max) + 1;

    function next(Colour c) internal pure returns (Colour) {
        return Colour((uint8(c) + 1) % COUNT);
    }

    function describe(Colour c) internal pure returns (string memory) {
        return c == Colour.Red ? "red" : c == Colour.Green ? "green" : "blue";
    }
}

library Texts {
    function describe(string calldata s) internal pure returns (string memory) {
        return string.concat("'", s, "'");
    }

    function first(bytes calldata b, uint256 n) internal pure returns (bytes calldata) {
        return b[:n];
    }
}

contract PublicLibrary {
    using Colours for Colours.Colour;
    using Texts for string;
    using Texts for bytes;

    Colours.Colour public colour;

    function turn() external returns (string memory, Colours.Colour) {
        colour = colour.next().next();
        return (colour.describe(), Colours.next(colour));
    }

    function text(string calldata s) external pure returns (string memory) {
        return s.describe();
    }

    function cut(bytes calldata b, uint256 n) external pure returns (bytes memory) {
        return b.first(n);
    }
}
