x = 5;
return 5;
contract A {
    x += 1;
    if (a) { }
    uint256 y;
    5;
}
+ 1;
