// SPDX-License-Identifier: Apache-2.0
// Nothing in it.
pragma solidity ^0.8.27;

contract EmptyContract {}
