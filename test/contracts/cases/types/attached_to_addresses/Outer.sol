// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import "./Parts.sol" as Parts;
