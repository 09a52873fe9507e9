{%- set raw = amazon_sp.raw_table('financial_transactions', family='finances') -%}
{%- set identifiers = amazon_sp.raw_value(raw, 'relatedIdentifiers', 'json') -%}
{%- set contexts = amazon_sp.raw_value(raw, 'contexts', 'json') -%}
{%- set deferral = amazon_sp.json_named(contexts, 'contextType', 'DeferredContext') -%}
{%- set payment = amazon_sp.json_named(contexts, 'contextType', 'PaymentsContext') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, 'transactionId') }} as transaction_id,
    {{ amazon_sp.raw_value(raw, 'transactionType') }} as transaction_type,
    {{ amazon_sp.raw_value(raw, 'transactionStatus') }} as status,
    {{ amazon_sp.raw_value(raw, 'description') }} as description,
    {{ amazon_sp.raw_value(raw, 'postedDate', 'timestamp') }} as posted_at,
    {{ amazon_sp.raw_value(raw, ['marketplaceDetails.marketplaceId', 'sellingPartnerMetadata.marketplaceId']) }} as marketplace_id,
    {{ amazon_sp.raw_value(raw, 'totalAmount.currencyCode') }} as currency,
    {{ amazon_sp.raw_value(raw, 'totalAmount.currencyAmount', 'number') }} as total,
    {{ amazon_sp.raw_value(raw, ['sellingPartnerMetadata.sellingPartnerId', 'sellingPartnerId']) }} as seller_id,
    {{ amazon_sp.raw_value(raw, 'sellingPartnerMetadata.accountType') }} as account_type,
    {%- for name in [
        'ORDER_ID', 'SHIPMENT_ID', 'REFUND_ID', 'INVOICE_ID', 'DISBURSEMENT_ID', 'TRANSFER_ID',
        'SETTLEMENT_ID', 'FINANCIAL_EVENT_GROUP_ID', 'DEFERRED_TRANSACTION_ID', 'RELEASE_TRANSACTION_ID',
    ] %}
    {{ amazon_sp.json_value(
        amazon_sp.json_named(identifiers, 'relatedIdentifierName', name), 'relatedIdentifierValue', 'text'
    ) }} as {{ name | lower }},
    {%- endfor %}
    {{ amazon_sp.json_value(deferral, 'deferralReason', 'text') }} as deferral_reason,
    {{ amazon_sp.json_value(deferral, 'maturityDate', 'timestamp') }} as matures_at,
    {{ amazon_sp.json_value(payment, 'paymentReference', 'text') }} as payment_reference,
    {{ identifiers }} as related_identifiers,
    {{ contexts }} as contexts,
    {{ amazon_sp.raw_value(raw, 'items', 'json') }} as items,
    {{ amazon_sp.raw_value(raw, 'breakdowns', 'json') }} as breakdowns,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
