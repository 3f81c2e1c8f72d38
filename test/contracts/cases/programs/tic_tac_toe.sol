// SPDX-License-Identifier: Apache-2.0
// A board of bits for two players.
pragma solidity ^0.8.27;

contract TicTacToe {
    uint16[2] public boards;
    address[2] public players;
    uint8 public turn;
    address public winner;

    uint16 private constant FULL = 511;
    error Taken(uint8 cell);
    error NotYourTurn(address expected);
    event Won(address indexed who, uint16 board);

    constructor(address second) {
        players = [msg.sender, second];
    }

    function play(uint8 cell) external {
        require(winner == address(0) && boards[0] | boards[1] != FULL, "over");
        uint8 i = turn % 2;
        if (msg.sender != players[i]) revert NotYourTurn(players[i]);
        uint16 bit = uint16(1) << cell;
        if (cell > 8 || (boards[0] | boards[1]) & bit != 0) revert Taken(cell);
        boards[i] |= bit;
        turn++;
        uint16[8] memory lines = [7, 56, 448, 73, 146, 292, 273, 84];
        for (uint256 k = 0; k < lines.length; k++) {
            if (boards[i] & lines[k] == lines[k]) {
                winner = msg.sender;
                emit Won(msg.sender, boards[i]);
                break;
            }
        }
    }

    function show() external view returns (string memory) {
        bytes memory text = "... ... ...";
        for (uint8 c = 0; c < 9; c++) {
            uint8 at = c + c / 3;
            if (boards[0] >> c & 1 == 1) text[at] = "x";
            else if (boards[1] >> c & 1 == 1) text[at] = "o";
        }
        return string(text);
    }
}
