// SPDX-License-Identifier: Apache-2.0
// Dates from days since 1970 and back, leap years, weekdays.
pragma solidity ^0.8.27;

contract Calendar {
    struct Date {
        uint16 year;
        uint8 month;
        uint8 day;
    }

    error BadDate(Date date);

    function fromDays(uint256 daysSince) public pure returns (Date memory) {
        int256 z = int256(daysSince) + 719468;
        int256 era = z / 146097;
        int256 dayOfEra = z - era * 146097;
        int256 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
        int256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int256 mp = (5 * dayOfYear + 2) / 153;
        uint8 month = uint8(uint256(mp < 10 ? mp + 3 : mp - 9));
        return Date(uint16(uint256(yearOfEra + era * 400)) + (month <= 2 ? 1 : 0), month, uint8(uint256(dayOfYear - (153 * mp + 2) / 5 + 1)));
    }

    function isLeap(uint16 year) public pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    function daysIn(uint16 year, uint8 month) public pure returns (uint8) {
        uint8[12] memory list = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        return month == 2 && isLeap(year) ? 29 : list[month - 1];
    }

    function toDays(Date memory date) external pure returns (uint256 n) {
        if (date.year < 1970 || date.month == 0 || date.month > 12 || date.day == 0 || date.day > daysIn(date.year, date.month)) revert BadDate(date);
        for (uint16 y = 1970; y < date.year; y++) n += isLeap(y) ? 366 : 365;
        for (uint8 m = 1; m < date.month; m++) n += daysIn(date.year, m);
        n += date.day - 1;
    }

    function today() external view returns (Date memory, string memory) {
        string[7] memory names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        uint256 n = block.timestamp / 1 days;
        return (fromDays(n), names[n % 7]);
    }
}
