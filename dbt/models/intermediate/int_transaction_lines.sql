{{ config(
    enabled=var('amazon_sp_finances'),
    materialized='incremental',
    unique_key=['account', 'transaction_id'],
    indexes=[
        {'columns': ['account', 'transaction_id']},
        {'columns': ['built_at']},
    ],
) }}
{#- A transaction is a tree: the transaction, its items, and breakdowns in breakdowns. The amount of a
    node is the sum of the nodes below it. So a line is what a node has beyond the nodes below it:
    the whole amount where there are none, and else the difference, if there is any. What the lines
    lack of the total is a line, too: lines always add up to the total of their transaction. -#}
with recursive records as (
    select
        transactions.*,
        built.built_at,
        row_number() over (
            partition by transactions.account, transactions.transaction_id
            order by transactions.loaded_at desc nulls last
        ) as place
    from {{ ref('stg_amazon_sp__transactions') }} as transactions
    inner join {{ ref('transactions') }} as built
        on transactions.account = built.account
        and transactions.transaction_id = built.transaction_id
    where {{ amazon_sp.was_built_since('built.built_at') }}
),

changed as (
    select *
    from records
    where place = 1
),

item_parts as (
    select
        changed.account,
        changed.transaction_id,
        changed.currency,
        cast(item.position as integer) as item_number,
        {{ amazon_sp.json_named(amazon_sp.json_part('item.value', 'contexts'), 'contextType', 'ProductContext') }} as product,
        {{ amazon_sp.json_named(
            amazon_sp.json_part('item.value', 'relatedIdentifiers'), 'itemRelatedIdentifierName', 'ORDER_ADJUSTMENT_ITEM_ID'
        ) }} as identifier,
        {{ amazon_sp.json_value('item.value', 'totalAmount.currencyAmount', 'number') }} as amount,
        {{ amazon_sp.json_part('item.value', 'breakdowns') }} as breakdowns
    from changed
    {{ amazon_sp.json_elements('changed.items', 'item') }}
),

items as (
    select
        account,
        transaction_id,
        currency,
        item_number,
        {{ amazon_sp.json_value('identifier', 'itemRelatedIdentifierValue', 'text') }} as item_reference,
        {{ amazon_sp.json_value('product', 'sku', 'text') }} as sku,
        {{ amazon_sp.json_value('product', 'asin', 'text') }} as asin,
        {{ amazon_sp.json_value('product', 'quantityShipped', 'integer') }} as quantity,
        {{ amazon_sp.json_value('product', 'fulfillmentNetwork', 'text') }} as fulfillment_network,
        amount,
        breakdowns
    from item_parts
),

{#- Amazon itemizes reimbursements without amounts: then the breakdowns of the transaction count. -#}
itemized as (
    select
        account,
        transaction_id,
        count(*) as items,
        sum(case when amount is not null then 1 else 0 end) as amounts,
        min(item_reference) as item_reference,
        min(sku) as sku,
        min(asin) as asin,
        min(quantity) as quantity,
        min(fulfillment_network) as fulfillment_network
    from items
    group by account, transaction_id
),

nodes as (
    select
        account,
        transaction_id,
        '0.' || item_number as line_id,
        '0' as parent_id,
        item_number,
        item_reference,
        sku,
        asin,
        quantity,
        fulfillment_network,
        cast('' as text) as charge_group,
        cast('' as text) as charge,
        cast('' as text) as charge_part,
        currency,
        amount,
        breakdowns
    from items
    where amount is not null

    union all

    select
        changed.account,
        changed.transaction_id,
        '0' as line_id,
        '' as parent_id,
        case when itemized.items = 1 and itemized.amounts = 0 then 1 end as item_number,
        case when itemized.items = 1 and itemized.amounts = 0 then itemized.item_reference end as item_reference,
        case when itemized.items = 1 and itemized.amounts = 0 then itemized.sku end as sku,
        case when itemized.items = 1 and itemized.amounts = 0 then itemized.asin end as asin,
        case when itemized.items = 1 and itemized.amounts = 0 then itemized.quantity end as quantity,
        case when itemized.items = 1 and itemized.amounts = 0 then itemized.fulfillment_network end as fulfillment_network,
        cast('' as text) as charge_group,
        cast('' as text) as charge,
        cast('' as text) as charge_part,
        changed.currency,
        changed.total as amount,
        case when coalesce(itemized.amounts, 0) = 0 then changed.breakdowns end as breakdowns
    from changed
    left join itemized
        on changed.account = itemized.account
        and changed.transaction_id = itemized.transaction_id
),

tree as (
    select *
    from nodes

    union all

    select
        tree.account,
        tree.transaction_id,
        tree.line_id || '.' || child.position as line_id,
        tree.line_id as parent_id,
        tree.item_number,
        tree.item_reference,
        tree.sku,
        tree.asin,
        tree.quantity,
        tree.fulfillment_network,
        {#- A fee consists of its base and the tax on it; both are the fee. -#}
        case
            when {{ amazon_sp.json_text('child.value', 'breakdownType') }} in ('Base', 'Tax', 'Promo')
                and tree.charge not in ('', 'Sales', 'Expenses', 'Refunded Sales', 'Refunded Expenses')
                then tree.charge_group
            else tree.charge
        end as charge_group,
        case
            when {{ amazon_sp.json_text('child.value', 'breakdownType') }} in ('Base', 'Tax', 'Promo')
                and tree.charge not in ('', 'Sales', 'Expenses', 'Refunded Sales', 'Refunded Expenses')
                then tree.charge
            else coalesce({{ amazon_sp.json_text('child.value', 'breakdownType') }}, '')
        end as charge,
        coalesce({{ amazon_sp.json_text('child.value', 'breakdownType') }}, '') as charge_part,
        coalesce({{ amazon_sp.json_text('child.value', 'breakdownAmount.currencyCode') }}, tree.currency) as currency,
        {{ amazon_sp.json_value('child.value', 'breakdownAmount.currencyAmount', 'number') }} as amount,
        {{ amazon_sp.json_part('child.value', 'breakdowns') }} as breakdowns
    from tree
    {{ amazon_sp.json_elements('tree.breakdowns', 'child') }}
),

below as (
    select
        account,
        transaction_id,
        parent_id,
        sum(amount) as amount
    from tree
    where parent_id not in ('', '0')
    group by account, transaction_id, parent_id
),

parts as (
    select
        tree.*,
        below.parent_id is not null as has_parts,
        case when below.parent_id is null then tree.amount else tree.amount - coalesce(below.amount, 0) end as own_amount
    from tree
    left join below
        on tree.account = below.account
        and tree.transaction_id = below.transaction_id
        and tree.line_id = below.parent_id
    where tree.line_id <> '0'
),

allocated as (
    select
        account,
        transaction_id,
        sum(own_amount) as amount
    from parts
    group by account, transaction_id
),

amounts as (
    select
        account,
        transaction_id,
        line_id,
        item_number,
        item_reference,
        sku,
        asin,
        quantity,
        fulfillment_network,
        charge_group,
        charge,
        case when has_parts then 'unallocated' when charge_part <> charge then charge_part end as charge_part,
        currency,
        coalesce(own_amount, 0) as amount
    from parts
    where not has_parts or own_amount <> 0

    union all

    select
        tree.account,
        tree.transaction_id,
        tree.line_id,
        tree.item_number,
        tree.item_reference,
        tree.sku,
        tree.asin,
        tree.quantity,
        tree.fulfillment_network,
        tree.charge_group,
        tree.charge,
        case when allocated.transaction_id is not null then 'unallocated' end as charge_part,
        tree.currency,
        coalesce(tree.amount, 0) - coalesce(allocated.amount, 0) as amount
    from tree
    left join allocated
        on tree.account = allocated.account
        and tree.transaction_id = allocated.transaction_id
    where tree.line_id = '0'
        and (allocated.transaction_id is null or tree.amount <> coalesce(allocated.amount, 0))
),

lines as (
    select
        amounts.*,
        coalesce(changed.transaction_type, '') as transaction_type,
        coalesce(changed.description, '') as description,
        changed.status,
        changed.posted_at,
        changed.marketplace_id,
        changed.order_id,
        changed.settlement_id,
        changed.deferred_transaction_id,
        changed.release_transaction_id,
        changed.built_at,
        changed.loaded_at
    from amounts
    inner join changed
        on amounts.account = changed.account
        and amounts.transaction_id = changed.transaction_id
),

{#- Materialized, so that the names are looked up once and not for each line. -#}
kinds as materialized (
    {{ amazon_sp.charge_kinds_of_transactions('lines') }}
),

{#- The units of an item stand on one of its lines, so that they can be added up. -#}
prices as (
    select
        account,
        transaction_id,
        min(line_id) as line_id
    from amounts
    where item_number is not null
        and charge in ('OurPricePrincipal', 'Principal', 'ProductCharges')
    group by account, transaction_id, item_number
),

classified as (
    select
        lines.*,
        kinds.charge_kind,
        kinds.is_known_charge,
        lines.transaction_type in ('Refund', 'GuaranteeClaim', 'Chargeback', 'RetrochargeRefund') as is_refund,
        prices.line_id is not null as has_units
    from lines
    inner join kinds
        on lines.transaction_type = kinds.transaction_type
        and lines.description = kinds.description
        and lines.charge = kinds.charge
        and lines.charge_group = kinds.charge_group
    left join prices
        on lines.account = prices.account
        and lines.transaction_id = prices.transaction_id
        and lines.line_id = prices.line_id
)

select
    classified.account,
    classified.transaction_id,
    classified.line_id,
    classified.transaction_type,
    classified.status,
    classified.description,
    classified.posted_at,
    {{ amazon_sp.marketplace_day('classified.posted_at') }} as posted_day,
    coalesce(classified.marketplace_id, '') as marketplace_id,
    marketplaces.country,
    classified.order_id,
    classified.settlement_id,
    classified.deferred_transaction_id,
    classified.release_transaction_id,
    classified.item_number,
    classified.item_reference,
    coalesce(classified.sku, '') as sku,
    classified.asin,
    classified.fulfillment_network,
    classified.quantity,
    case when classified.has_units then coalesce(classified.quantity, 0) else 0 end as units,
    classified.charge_group,
    classified.charge,
    classified.charge_part,
    classified.charge_kind,
    classified.is_known_charge,
    classified.is_refund,
    coalesce(classified.currency, '') as currency,
    cast(classified.amount as {{ amazon_sp.type_named('number') }}) as amount,
    classified.built_at,
    classified.loaded_at
from classified
left join {{ ref('marketplaces') }} as marketplaces
    on classified.marketplace_id = marketplaces.marketplace_id
