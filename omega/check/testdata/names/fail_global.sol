// SPDX-License-Identifier: Apache-2.0
uint256 counter = 0; // error E0308
