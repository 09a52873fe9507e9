{{ config(enabled=var('amazon_sp_vendors')) }}
with items as (
    select
        *,
        row_number() over (
            partition by account, purchase_order_number, item_sequence_number
            order by changed_at desc nulls last, loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__purchase_order_items') }}
),

status_of_items as (
    select
        *,
        row_number() over (
            partition by account, purchase_order_number, item_sequence_number
            order by updated_at desc nulls last, loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__purchase_order_item_status') }}
),

purchase_orders as (
    select
        *,
        row_number() over (
            partition by account, purchase_order_number
            order by changed_at desc nulls last, loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__purchase_orders') }}
),

{#- Amazon keeps the status of purchase orders longer than the purchase orders. #}
known as (
    select
        coalesce(items.account, status_of_items.account) as account,
        coalesce(items.purchase_order_number, status_of_items.purchase_order_number) as purchase_order_number,
        coalesce(items.item_sequence_number, status_of_items.item_sequence_number) as item_sequence_number,
        status_of_items.purchase_order_status,
        status_of_items.vendor_code,
        status_of_items.ship_to,
        status_of_items.ordered_at,
        items.changed_at,
        status_of_items.updated_at,
        coalesce(items.asin, status_of_items.asin) as asin,
        coalesce(items.vendor_sku, status_of_items.vendor_sku) as vendor_sku,
        {{ amazon_sp.json_value('coalesce(status_of_items.ordered, items.ordered)', 'unitOfMeasure', 'text') }} as ordered_in,
        {{ amazon_sp.json_value('coalesce(status_of_items.ordered, items.ordered)', 'unitSize', 'integer') }} as case_size,
        coalesce(
            {{ amazon_sp.eaches('status_of_items.ordered') }},
            {{ amazon_sp.eaches('items.ordered') }}
        ) as ordered_quantity,
        {{ amazon_sp.eaches('status_of_items.accepted') }} as acknowledged,
        {{ amazon_sp.eaches('status_of_items.rejected') }} as rejected,
        {{ amazon_sp.eaches('status_of_items.received') }} as received,
        status_of_items.confirmation_status,
        status_of_items.receive_status,
        status_of_items.last_received_at,
        items.is_back_order_allowed,
        coalesce(items.currency, status_of_items.currency) as currency,
        coalesce(items.net_cost, status_of_items.net_cost) as net_cost,
        case
            when items.net_cost is not null then items.net_cost_per
            else status_of_items.net_cost_per
        end as net_cost_per,
        coalesce(items.list_price, status_of_items.list_price) as list_price,
        greatest(items.loaded_at, status_of_items.loaded_at) as loaded_at
    from (select * from items where place = 1) as items
    full join (select * from status_of_items where place = 1) as status_of_items
        on items.account = status_of_items.account
        and items.purchase_order_number = status_of_items.purchase_order_number
        and items.item_sequence_number = status_of_items.item_sequence_number
),

with_orders as (
    select
        known.account,
        known.purchase_order_number,
        known.item_sequence_number,
        coalesce(
            purchase_orders.state,
            case known.purchase_order_status when 'OPEN' then 'Open' when 'CLOSED' then 'Closed' end
        ) as state,
        purchase_orders.order_type,
        coalesce(purchase_orders.vendor_code, known.vendor_code) as vendor_code,
        coalesce(purchase_orders.ship_to, known.ship_to) as ship_to,
        coalesce(purchase_orders.ordered_at, known.ordered_at) as ordered_at,
        greatest(known.changed_at, known.updated_at) as changed_at,
        purchase_orders.ship_window,
        purchase_orders.delivery_window,
        known.asin,
        known.vendor_sku,
        known.ordered_in,
        known.case_size,
        known.ordered_quantity,
        known.acknowledged,
        known.rejected,
        known.received,
        known.confirmation_status,
        known.receive_status,
        known.last_received_at,
        known.is_back_order_allowed,
        known.currency,
        known.net_cost,
        known.net_cost_per,
        known.list_price,
        greatest(known.loaded_at, purchase_orders.loaded_at) as loaded_at
    from known
    left join purchase_orders
        on known.account = purchase_orders.account
        and known.purchase_order_number = purchase_orders.purchase_order_number
        and purchase_orders.place = 1
)

select
    account,
    purchase_order_number,
    item_sequence_number,
    state,
    order_type,
    vendor_code,
    ship_to,
    ordered_at,
    changed_at,
    ship_window,
    delivery_window,
    asin,
    vendor_sku,
    ordered_in,
    case_size,
    ordered_quantity,
    acknowledged,
    rejected,
    received,
    case
        when state = 'Closed' or receive_status = 'RECEIVED' then 0
        {#- `greatest` leaves out nulls. #}
        when ordered_quantity is not null
            then greatest(ordered_quantity - coalesce(rejected, 0) - coalesce(received, 0), 0)
    end as outstanding,
    confirmation_status,
    receive_status,
    last_received_at,
    is_back_order_allowed,
    currency,
    net_cost,
    net_cost_per,
    list_price,
    {#- Nobody knows what a unit of an item weighs that is priced by weight. #}
    {%- for quantity, name in [
        ('ordered_quantity', 'ordered_value'),
        ('acknowledged', 'acknowledged_value'),
        ('received', 'received_value'),
    ] %}
    case
        when net_cost_per is null then cast({{ quantity }} * net_cost as {{ amazon_sp.type_named('number') }})
    end as {{ name }},
    {%- endfor %}
    loaded_at
from with_orders
