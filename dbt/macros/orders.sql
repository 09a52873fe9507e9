{#- What the two Orders APIs and the reports of all orders say in different words. -#}

{% macro order_status(word) %}
    {#- The status of an order in the words of Orders 2026-01-01, from those of Orders v0 and of reports.
        Null for words that nobody explains, as `Shipping` in reports.

        Sources: Amazon's models orders_2026-01-01 and ordersV0; for reports, issue 1428 of
        amzn/selling-partner-api-models (`Shipped - Delivered to Buyer` and the like). -#}
case replace(lower(split_part({{ word }}, ' - ', 1)), '_', '')
        when 'pendingavailability' then 'PENDING_AVAILABILITY'
        when 'pending' then 'PENDING'
        when 'unshipped' then 'UNSHIPPED'
        when 'partiallyshipped' then 'PARTIALLY_SHIPPED'
        when 'shipped' then 'SHIPPED'
        when 'invoiceunconfirmed' then 'SHIPPED'
        when 'canceled' then 'CANCELLED'
        when 'cancelled' then 'CANCELLED'
        when 'unfulfillable' then 'UNFULFILLABLE'
    end
{%- endmacro %}

{% macro order_source(raw) %}
    {#- Where a row of `orders` or `order_items` comes from: `api` (Orders 2026-01-01), `v0` or `report`. -#}
case
        when {{ amazon_sp.raw_value(raw, '_source') }} = 'report' then 'report'
        when {{ amazon_sp.raw_value(raw, 'AmazonOrderId') }} is not null then 'v0'
        else 'api'
    end
{%- endmacro %}

{% macro newest_version() %}
    {#- An order of the rows of an order, the newest first. The times of Orders v0 and of reports are whole
        seconds: of rows of the same second, those of the API come first. -#}
date_trunc('second', last_updated_at) desc nulls last,
            case source when 'api' then 1 when 'v0' then 2 else 3 end,
            last_updated_at desc nulls last
{%- endmacro %}

{% macro numbered_orders() %}
    {#- A query for the rows of orders, numbered in `copy`: 1 is the newest version of an order. Incremental
        models have a CTE `changed` with the orders to read. -#}
select
    *,
    row_number() over (
        partition by account, order_id
        order by {{ amazon_sp.newest_version() }},
        loaded_at desc nulls last
    ) as copy
from {{ ref('stg_amazon_sp__orders') }}
    {%- if is_incremental() %}
where (account, order_id) in (select account, order_id from changed)
    {%- endif %}
{%- endmacro %}

{% macro _unless_cancelled(amount) %}
    {#- An amount of an item: 0 if the item is cancelled, null as long as Amazon tells no price. -#}
case when is_cancelled then 0 when is_priced then {{ amount }} end
{%- endmacro %}
