// SPDX-License-Identifier: Apache-2.0
// Limit orders matched by price, oldest first.
pragma solidity ^0.8.27;

contract OrderBook {
    struct Order {
        address owner;
        uint64 price;
        uint64 amount;
    }

    Order[] private asks;
    Order[] private bids;
    mapping(address => int256) public units;
    mapping(address => int256) public money;

    event Trade(address indexed buyer, address indexed seller, uint64 price, uint64 amount);
    error BadOrder(uint64 price, uint64 amount);

    function buy(uint64 price, uint64 amount) external returns (uint64 filled) {
        filled = matchOrders(asks, price, amount, true);
        if (filled < amount) bids.push(Order(msg.sender, price, amount - filled));
    }

    function sell(uint64 price, uint64 amount) external returns (uint64 filled) {
        filled = matchOrders(bids, price, amount, false);
        if (filled < amount) asks.push(Order(msg.sender, price, amount - filled));
    }

    function matchOrders(Order[] storage orders, uint64 price, uint64 amount, bool buying) private returns (uint64 filled) {
        if (price == 0 || amount == 0) revert BadOrder(price, amount);
        while (filled < amount) {
            (bool found, uint256 best) = bestOf(orders, price, buying);
            if (!found) break;
            Order storage order = orders[best];
            uint64 part = amount - filled < order.amount ? amount - filled : order.amount;
            settle(buying ? msg.sender : order.owner, buying ? order.owner : msg.sender, order.price, part);
            filled += part;
            order.amount -= part;
            if (order.amount == 0) removeAt(orders, best);
        }
    }

    function bestOf(Order[] storage orders, uint64 limit, bool lowest) private view returns (bool found, uint256 best) {
        for (uint256 i = 0; i < orders.length; i++) {
            uint64 price = orders[i].price;
            if (lowest ? price > limit : price < limit) continue;
            if (!found || (lowest ? price < orders[best].price : price > orders[best].price)) (found, best) = (true, i);
        }
    }

    function removeAt(Order[] storage orders, uint256 at) private {
        for (uint256 i = at; i + 1 < orders.length; i++) orders[i] = orders[i + 1];
        orders.pop();
    }

    function settle(address buyer, address seller, uint64 price, uint64 amount) private {
        int256 total = int256(uint256(price) * amount);
        units[buyer] += int256(uint256(amount));
        units[seller] -= int256(uint256(amount));
        money[buyer] -= total;
        money[seller] += total;
        emit Trade(buyer, seller, price, amount);
    }

    function book() external view returns (Order[] memory, Order[] memory) {
        return (asks, bids);
    }
}
