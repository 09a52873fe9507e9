{%- set raw = amazon_sp.raw_table('payouts', family='finances') -%}
{%- set identifiers = amazon_sp.raw_value(raw, 'relatedIdentifiers', 'json') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'id') }} as payout_id,
    {{ amazon_sp.json_value(
        amazon_sp.json_named(identifiers, 'relatedIdentifierName', 'SETTLEMENT_ID'), 'relatedIdentifierValue', 'text'
    ) }} as settlement_id,
    {{ amazon_sp.raw_value(raw, 'partnerMetadata.marketplaceId') }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, 'partnerMetadata.accountType') }} as account_type,
    {{ amazon_sp.raw_value(raw, 'currentStatus') }} as status,
    {{ amazon_sp.raw_value(raw, 'type') }} as payout_type,
    {{ amazon_sp.raw_value(raw, 'amount.currencyCode') }} as currency,
    {{ amazon_sp.raw_value(raw, 'amount.currencyAmount', 'number') }} as amount,
    {{ amazon_sp.raw_value(raw, 'paymentMethod') }} as payment_method,
    {{ amazon_sp.raw_value(raw, 'accountTail') }} as account_tail,
    {{ amazon_sp.raw_value(raw, 'traceId') }} as trace_id,
    {{ amazon_sp.raw_value(raw, 'creationDate', 'timestamp') }} as created_at,
    {{ amazon_sp.raw_value(raw, 'period.startDate', 'timestamp') }} as started_at,
    {{ amazon_sp.raw_value(raw, 'period.endDate', 'timestamp') }} as ended_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
