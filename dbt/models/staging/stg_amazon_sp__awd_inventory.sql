{%- set raw = amazon_sp.raw_table('awd_inventory', family='inventory') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'sku') }} as sku,
    {{ amazon_sp.raw_value(raw, 'totalOnhandQuantity', 'integer') }} as on_hand,
    {{ amazon_sp.raw_value(raw, 'totalInboundQuantity', 'integer') }} as inbound,
    {{ amazon_sp.raw_value(raw, 'inventoryDetails.availableDistributableQuantity', 'integer') }} as available,
    {{ amazon_sp.raw_value(raw, 'inventoryDetails.reservedDistributableQuantity', 'integer') }} as reserved,
    {{ amazon_sp.raw_value(raw, 'inventoryDetails.replenishmentQuantity', 'integer') }} as on_the_way_to_fba,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
