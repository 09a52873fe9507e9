"""A file in any language has the columns, kinds and rows of the English one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_headers import comparable, english_headers
from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.conventions import conventions_of
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.simulator.data import read_data

LEDGER = "GET_LEDGER_DETAIL_VIEW_DATA"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
CANCELLED = "GET_MERCHANT_CANCELLED_LISTINGS_DATA"
OPEN = "GET_FLAT_FILE_OPEN_LISTINGS_DATA"
RESTOCK = "GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT"
SHIPMENTS = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
TRANSACTIONS = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"

ALL_TRANSACTIONS = (
    "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
    "order city|order state|order postal|tax collection model|product sales|product sales tax|"
    "shipping credits|shipping credits tax|gift wrap credits|giftwrap credits tax|"
    "promotional rebates|promotional rebates tax|marketplace withheld tax|selling fees|fba fees|"
    "other transaction fees|other|total|Transaction Status|Transaction Release Date"
)

# Header lines as they are in sellers' files; the sources are in scripts/report_headers.
FILES = [
    pytest.param(
        LISTINGS,
        "商品名称|商品描述|商品编码|卖家 SKU|价格|数量|开售日期|不适用项目|是否为商城中的商品|"
        "商品编码类型|不适用项目|商品备注|商品状况|不适用项目|不适用项目|不适用项目|ASIN1|"
        "不适用项目|不适用项目|国际配送|加急配送|不适用项目|商品编码|不适用项目|添加-删除|"
        "等待购买数量|配送渠道|卖家配送组|状态",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|image-url|"
        "item-is-marketplace|product-id-type|zshop-shipping-fee|item-note|item-condition|"
        "zshop-category1|zshop-browse-path|zshop-storefront-feature|asin1|asin2|asin3|"
        "will-ship-internationally|expedited-shipping|zshop-boldface|product-id|"
        "bid-for-featured-placement|add-delete|pending-quantity|fulfillment-channel|"
        "merchant-shipping-group|status",
        id="zh listings",
    ),
    pytest.param(
        CANCELLED,
        "商品名称|商品描述|卖家 SKU|价格|数量|不适用项目|是否为商城中的商品|商品编码类型|"
        "不适用项目|商品备注|商品状况|商品编码|添加-删除",
        "item-name|item-description|seller-sku|price|quantity|image-url|item-is-marketplace|"
        "product-id-type|zshop-shipping-fee|item-note|item-condition|product-id|add-delete",
        id="zh cancelled listings: the only id is that of the product",
    ),
    pytest.param(
        SHIPMENTS,
        "亚马逊订单编号|货件编号|卖家 SKU|商品名称|已发货数量|货币|商品价格|商品税|运费|运费税",
        "amazon-order-id|shipment-id|sku|product-name|quantity-shipped|currency|item-price|"
        "item-tax|shipping-price|shipping-tax",
        id="zh shipments",
    ),
    pytest.param(
        "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA",
        "卖家 SKU|FNSKU|ASIN|数量|亚马逊订单编号|货币|商品金额|运费|礼品金额",
        "sku|fnsku|asin|quantity|amazon-order-id|currency|item-price-per-unit|shipping-price|"
        "gift-wrap-price",
        id="zh sales",
    ),
    pytest.param(
        LISTINGS,
        "商品名|出品ID|出品者SKU|価格|数量|出品日|商品IDタイプ|コンディション説明|コンディション|"
        "国外へ配送可|迅速な配送|商品ID|在庫数|フルフィルメント・チャンネル|法人価格|"
        "数量割引のタイプ|数量の下限1|数量割引1|merchant-shipping-group|ポイント|ステータス",
        "item-name|listing-id|seller-sku|price|quantity|open-date|product-id-type|item-note|"
        "item-condition|will-ship-internationally|expedited-shipping|product-id|"
        "pending-quantity|fulfillment-channel|Business Price|Quantity Price Type|"
        "Quantity Lower Bound 1|Quantity Price 1|merchant-shipping-group|standard-price-point|"
        "status",
        id="ja listings",
    ),
    pytest.param(
        OPEN,
        "出品者SKU|ASIN|価格|数量",
        "sku|asin|price|quantity",
        id="ja open listings: the SKU has another name than in the other listings",
    ),
    pytest.param(
        RESTOCK,
        "商品名|FNSKU|Merchant SKU|ASIN|価格|過去30日間に販売されたユニット数|在庫あり|FC移管中|"
        "入出荷作業中 - FC処理中|入出荷作業中-出荷待ち|販売不可|進行中|出荷済み|受領中|警告|"
        "推奨される在庫補充数|推奨発送日",
        "Product Name|FNSKU|Merchant SKU|ASIN|Price|Units Sold Last 30 Days|Available|"
        "FC transfer|FC Processing|Customer Order|Unfulfillable|Working|Shipped|Receiving|Alert|"
        "Recommended replenishment qty|Recommended ship date",
        id="ja restock",
    ),
    pytest.param(
        LISTINGS,
        "nazwa-produktu|opis-produktu|identyfikator-oferty|sku-sprzedawcy|cena|ilość|"
        "data-otwarcia|image-url|produkt-jest-(na)rynku|typ-identyfikatora-produktu|"
        "uwaga-o-produkcie|stan-produktu|asin1|wysyłka-międzynarodowa|przyspieszona-wysyłka|"
        "identyfikator-produktu|dodaj-usuń|ilość-oczekująca|kanał-realizacji|"
        "grupa-wysyłki-sprzedawcy|status",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|image-url|"
        "item-is-marketplace|product-id-type|item-note|item-condition|asin1|"
        "will-ship-internationally|expedited-shipping|product-id|add-delete|pending-quantity|"
        "fulfillment-channel|merchant-shipping-group|status",
        id="pl listings",
    ),
    pytest.param(
        LISTINGS,
        "item-name (ürün adı)|listing-id (liste kaydı numarası)|seller-sku (satıcı SKU)|"
        "price (fiyat)|quantity (adet)|open-date (yayınlanma tarihi)|asin1|"
        "fulfillment-channel (dağıtım kanalı)|durum",
        "item-name|listing-id|seller-sku|price|quantity|open-date|asin1|fulfillment-channel|status",
        id="tr listings: English and Turkish",
    ),
    pytest.param(
        LISTINGS,
        "nome-do-item|descrição-do-item|sku-do-vendedor|preço|asin 1|status",
        "item-name|item-description|seller-sku|price|asin1|status",
        id="pt listings",
    ),
    pytest.param(
        LISTINGS,
        "اسم-المنتج|وصف-المنتج|رقم-العرض|SKU-البائع|السعر|الكمية|تاريخ-مفتوح|منتج-سوق-البيع|"
        "نوع-رقم-المنتج|حالة-المنتج|للشحن-الدولي|شحن-مستعجل|رقم-المنتج|كمية-منتظرة|قناة-الشحن|"
        "الحالة",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|"
        "item-is-marketplace|product-id-type|item-condition|will-ship-internationally|"
        "expedited-shipping|product-id|pending-quantity|fulfillment-channel|status",
        id="ar listings",
    ),
    pytest.param(
        TRANSACTIONS,
        "datum/tijd|schikkings-ID|type|bestelnummer|sku|beschrijving|aantal|marketplace|"
        "fulfillment|bestelling stad|status bestelling|bestelling per post|"
        "verkoop van producten|Verzendtegoeden|kredietpunten cadeauverpakking|"
        "promotiekortingen|geïnde omzetbelasting|Belasting voor marketplace-facilitator|"
        "verkoopkosten|fba-vergoedingen|overige transactiekosten|overige|totaal",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
        "order city|order state|order postal|product sales|shipping credits|gift wrap credits|"
        "promotional rebates|sales tax collected|Marketplace Facilitator Tax|selling fees|"
        "fba fees|other transaction fees|other|total",
        id="nl transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "data/godzina|identyfikator rozliczenia|typ|identyfikator zamówienia|sku|opis|ilość|"
        "rynek|realizacja|sprzedaż produktów|noty kredytowe za wysyłkę|rabaty promocyjne|"
        "opłaty za sprzedaż|opłaty za fba|inne opłaty transakcyjne|inne|suma",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
        "product sales|shipping credits|promotional rebates|selling fees|fba fees|"
        "other transaction fees|other|total",
        id="pl transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "datum/tid|reglerings-id|typ|beställnings-id|sku|beskrivning|antal|marknadsplats|"
        "leverans|försäljning av produkter|fraktkrediter|kampanjrabatter|försäljningsavgifter|"
        "fba-avgifter|övriga transaktionsavgifter|Övrigt|totalt",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
        "product sales|shipping credits|promotional rebates|selling fees|fba fees|"
        "other transaction fees|other|total",
        id="sv transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "tarih/saat|hesap kesim no|tip|sipariş no.|sku|açıklama|adet|pazar yeri|gönderim|"
        "sipariş şehri|sipariş durumu|sipariş postası|ürün satışları|kargo kredileri|"
        "promosyon indirimleri|satış ücretleri|Amazon Lojistik ücretleri|diğer işlem ücretleri|"
        "diğer|toplam|İşlem durumu|İşlem çıkış tarihi",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
        "order city|order state|order postal|product sales|shipping credits|"
        "promotional rebates|selling fees|fba fees|other transaction fees|other|total|"
        "Transaction Status|Transaction Release Date",
        id="tr transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "data/hora|id de liquidação|tipo|id do pedido|sku|descrição|quantidade|mercado|"
        "tipo de conta|atendimento|cidade do pedido|estado do pedido|postal do pedido|"
        "vendas do produto|créditos de remessa|créditos de embalagem de presente|"
        "descontos promocionais|imposto de vendas coletados|tarifas de venda|taxas fba|"
        "taxas de outras transações|outro|total|Status da transação|"
        "Data de liberação da transação",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|"
        "account type|fulfillment|order city|order state|order postal|product sales|"
        "shipping credits|gift wrap credits|promotional rebates|sales tax collected|"
        "selling fees|fba fees|other transaction fees|other|total|Transaction Status|"
        "Transaction Release Date",
        id="pt transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "日付/時間|決済番号|トランザクションの種類|注文番号|SKU|説明|数量|Amazon 出品サービス|"
        "フルフィルメント|市町村|都道府県|郵便番号|税金徴収型|商品売上|商品の売上税|配送料|"
        "配送料の税金|ギフト包装手数料|ギフト包装クレジットの税金|Amazonポイントの費用|"
        "プロモーション割引額|プロモーション割引の税金|源泉徴収税を伴うマーケットプレイス|手数料|"
        "FBA 手数料|トランザクションに関するその他の手数料|その他|合計",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfillment|"
        "order city|order state|order postal|tax collection model|product sales|"
        "product sales tax|shipping credits|shipping credits tax|gift wrap credits|"
        "giftwrap credits tax|Amazon point costs|promotional rebates|promotional rebates tax|"
        "marketplace withheld tax|selling fees|fba fees|other transaction fees|other|total",
        id="ja transactions",
    ),
    pytest.param(
        LISTINGS,
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|"
        "Deprecated column|item-is-marketplace|product-id-type|Deprecated column|item-note|"
        "item-condition|Deprecated column|Deprecated column|Deprecated column|asin1|"
        "Deprecated column|Deprecated column|will-ship-internationally|expedited-shipping|"
        "Deprecated column|product-id|Deprecated column|add-delete|pending-quantity|"
        "fulfilment-channel|optional-payment-type-exclusion|merchant-shipping-group|status|"
        "Minimum order quantity|Sell remainder",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|image-url|"
        "item-is-marketplace|product-id-type|zshop-shipping-fee|item-note|item-condition|"
        "zshop-category1|zshop-browse-path|zshop-storefront-feature|asin1|asin2|asin3|"
        "will-ship-internationally|expedited-shipping|zshop-boldface|product-id|"
        "bid-for-featured-placement|add-delete|pending-quantity|fulfillment-channel|"
        "optional-payment-type-exclusion|merchant-shipping-group|status|Minimum order quantity|"
        "Sell remainder",
        id="en listings in Europe",
    ),
    pytest.param(
        LISTINGS,
        "Artikelbezeichnung|Artikelbeschreibung|Angebotsnummer|Händler-SKU|Preis|Menge|"
        "Erstellungsdatum|Produkt-ID-Typ|Artikelzustand|ASIN 1|Produkt-ID|Versender|Status",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|"
        "product-id-type|item-condition|asin1|product-id|fulfillment-channel|status",
        id="de listings",
    ),
    pytest.param(
        LISTINGS,
        "nom-produit|id-offre|sku-vendeur|prix|quantité|date-ouverture|type-id-produit|"
        "note-état-article|état-produit|expédition-international|livraison-express|id-produit|"
        "canal-traitement|groupe-expédition-vendeur|état",
        "item-name|listing-id|seller-sku|price|quantity|open-date|product-id-type|item-note|"
        "item-condition|will-ship-internationally|expedited-shipping|product-id|"
        "fulfillment-channel|merchant-shipping-group|status",
        id="fr listings",
    ),
    pytest.param(
        LISTINGS,
        "Nome dell'articolo|Descrizione dell'articolo|Numero offerta|SKU venditore|Prezzo|"
        "Quantità|Data di creazione|Articolo per la vendita|Tipo di identificativo del prodotto|"
        "Note sull'articolo|Condizione dell'articolo|ASIN 1|Spedizione internazionale|"
        "Spedizione Express|Identificativo del prodotto|Aggiungi o elimina|"
        "Quantità in sospeso|Canale di gestione|gruppo-spedizione-venditore|stato",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|"
        "item-is-marketplace|product-id-type|item-note|item-condition|asin1|"
        "will-ship-internationally|expedited-shipping|product-id|add-delete|pending-quantity|"
        "fulfillment-channel|merchant-shipping-group|status",
        id="it listings",
    ),
    pytest.param(
        LISTINGS,
        "Título del producto|Descripción del producto|Identificador del listing|"
        "SKU del vendedor|Precio|Cantidad|Fecha de creación|Columna en desuso|"
        "Producto para vender|Tipo de identificador de producto|Columna en desuso|"
        "Nota sobre el producto|Estado del producto|Columna en desuso|Columna en desuso|"
        "Columna en desuso|ASIN 1|Columna en desuso|Columna en desuso|Envío internacional|"
        "Envío urgente|Columna en desuso|Identificador del producto|Columna en desuso|"
        "Añadir o eliminar|Cantidad pendiente|Canal de gestión logística|estado",
        "item-name|item-description|listing-id|seller-sku|price|quantity|open-date|image-url|"
        "item-is-marketplace|product-id-type|zshop-shipping-fee|item-note|item-condition|"
        "zshop-category1|zshop-browse-path|zshop-storefront-feature|asin1|asin2|asin3|"
        "will-ship-internationally|expedited-shipping|zshop-boldface|product-id|"
        "bid-for-featured-placement|add-delete|pending-quantity|fulfillment-channel|status",
        id="es listings",
    ),
    pytest.param(
        "GET_SELLER_FEEDBACK_DATA",
        "Datum|Bewertung|Kommentare|Ihre Antwort|Bestellnummer",
        "Date|Rating|Comments|Response|Order ID",
        id="de feedback",
    ),
    pytest.param(
        TRANSACTIONS,
        "Datum/Uhrzeit|Abrechnungsnummer|Typ|Bestellnummer|SKU|Beschreibung|Menge|Marketplace|"
        "Versand|Ort der Bestellung|Bundesland|Postleitzahl|Steuererhebungsmodell|Umsätze|"
        "Produktumsatzsteuer|Gutschrift für Versandkosten|Steuer auf Versandgutschrift|"
        "Gutschrift für Geschenkverpackung|Steuer auf Geschenkverpackungsgutschriften|"
        "Rabatte aus Werbeaktionen|Steuer auf Aktionsrabatte|"
        "Einbehaltene Steuer auf Marketplace|Verkaufsgebühren|Gebühren zu Versand durch Amazon|"
        "Andere Transaktionsgebühren|Andere|Gesamt|Transaktionsstatus|"
        "Freigabedatum der Transaktion",
        ALL_TRANSACTIONS,
        id="de transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "date/heure|numéro de versement|type|numéro de la commande|sku|description|quantité|"
        "Marketplace|traitement|ville d'où provient la commande|"
        "Région d'où provient la commande|code postal de la commande|"
        "Modèle de perception des taxes|ventes de produits|Taxes sur la vente des produits|"
        "crédits d'expédition|taxe sur les crédits d’expédition|"
        "crédits sur l'emballage cadeau|Taxes sur les crédits cadeaux|Rabais promotionnels|"
        "Taxes sur les remises promotionnelles|Taxes retenues sur le site de vente|"
        "frais de vente|Frais Expédié par Amazon|autres frais de transaction|autre|total|"
        "Statut de la transaction|Date de sortie de la transaction",
        ALL_TRANSACTIONS,
        id="fr transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "Data/Ora:|Numero pagamento|Tipo|Numero ordine|SKU|Descrizione|Quantità|Marketplace|"
        "Gestione|Città di provenienza dell'ordine|Provincia di provenienza dell'ordine|"
        "CAP dell'ordine|modello di riscossione delle imposte|Vendite|"
        "imposta sulle vendite dei prodotti|Accrediti per le spedizioni|"
        "imposta accrediti per le spedizioni|Accrediti per confezioni regalo|"
        "imposta sui crediti confezione regalo|Sconti promozionali|"
        "imposta sugli sconti promozionali|trattenuta IVA del marketplace|"
        "Commissioni di vendita|Costi del servizio Logistica di Amazon|"
        "Altri costi relativi alle transazioni|Altro|totale|Stato della transazione|"
        "Data di rilascio della transazione",
        ALL_TRANSACTIONS,
        id="it transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "fecha y hora|identificador de pago|tipo|número de pedido|sku|descripción|cantidad|"
        "web de Amazon|gestión logística|ciudad de procedencia del pedido|"
        "comunidad autónoma de procedencia del pedido|"
        "código postal de procedencia del pedido|Formulario de recaudación de impuestos|"
        "ventas de productos|impuesto de ventas de productos|abonos de envío|"
        "impuestos por abonos de envío|abonos de envoltorio para regalo|"
        "impuestos por abonos de envoltorio para regalo|devoluciones promocionales|"
        "impuestos de descuentos por promociones|impuesto retenido en el sitio web|"
        "tarifas de venta|tarifas de Logística de Amazon|tarifas de otras transacciones|otro|"
        "total|Estado de la transacción|Fecha de liberación de la transacción",
        ALL_TRANSACTIONS,
        id="es transactions",
    ),
    pytest.param(
        TRANSACTIONS,
        "fecha/hora|Id. de liquidación|tipo|Id. del pedido|sku|descripción|cantidad|marketplace|"
        "cumplimiento|ciudad del pedido|estado del pedido|código postal del pedido|"
        "ventas de productos|créditos de envío|tarifas de venta|tarifas fba|otro|total",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|"
        "fulfillment|order city|order state|order postal|product sales|shipping credits|"
        "selling fees|fba fees|other|total",
        id="es transactions of Mexico",
    ),
    pytest.param(
        TRANSACTIONS,
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|fulfilment|"
        "order city|order state|order postal|product sales|postage credits|gift wrap credits|"
        "giftwrap credits tax|total",
        "date/time|settlement id|type|order id|sku|description|quantity|marketplace|"
        "fulfillment|order city|order state|order postal|product sales|shipping credits|"
        "gift wrap credits|giftwrap credits tax|total",
        id="en transactions of the United Kingdom",
    ),
]


def read(type_name: str, headers: str) -> FlatFile:
    """Read a file with this header and a row of numbers."""
    known = report_type(type_name)
    width = headers.count("|") + 1
    delimiter = "," if known.format == "csv" else "\t"
    lines = (headers.split("|"), [f"{number}.5" for number in range(width)])
    text = "".join(f"{delimiter.join(line)}\r\n" for line in lines)
    return FlatFile([text], delimiter, kinds=known.columns, type_name=type_name)


@pytest.mark.parametrize(("type_name", "local", "english"), FILES)
def test_a_file_in_another_language_is_read_as_the_english_one(
    type_name: str, local: str, english: str
) -> None:
    translated, expected = read(type_name, local), read(type_name, english)

    assert [(column.name, column.kind) for column in translated.columns] == [
        (column.name, column.kind) for column in expected.columns
    ]
    assert list(translated) == list(expected)
    assert [column.original for column in translated.columns] == local.split("|")


def tables() -> Iterator[Any]:
    """Yield the local headers by the English ones, as the simulator writes them."""
    for type_name, languages in read_data("report_headers.json").items():
        for language, headers in languages.items():
            yield pytest.param(type_name, headers, id=f"{language} {type_name}")


@pytest.mark.parametrize(("type_name", "headers"), list(tables()))
def test_each_language_is_known_by_the_headers_of_each_type(
    type_name: str, headers: Mapping[str, str]
) -> None:
    """The headers of one language are not taken for those of another."""
    once = Counter(map(comparable, headers.values()))
    local = [header for header in headers.values() if once[comparable(header)] == 1]
    english = [header for header, local in headers.items() if once[comparable(local)] == 1]

    for part in (slice(None), slice(None, None, 2), slice(1, None, 2)):
        found = english_headers(type_name, local[part])

        assert [*map(snake_case, found)] == [*map(snake_case, english[part])]


def test_kinds_and_keys_are_those_of_the_english_headers() -> None:
    file = read(LISTINGS, "sku-sprzedawcy|cena|ilość|nieznana-kolumna")

    assert [(column.name, column.kind) for column in file.columns] == [
        ("seller_sku", None),
        ("price", "number"),
        ("quantity", "number"),
        ("nieznana_kolumna", None),
    ]


def _number(country: str, header: str, column: str, value: str) -> Any:
    row = dict.fromkeys(header.split("\t"), "") | {column: value}
    file = FlatFile(
        [f"{header}\n", "\t".join(row.values()), "\n"],
        type_name=LEDGER,
        kinds=report_type(LEDGER).columns,
        conventions=conventions_of([find_marketplace(country).id]),
    )
    return next(iter(file))[snake_case(column)]


@pytest.mark.parametrize(
    ("country", "value", "number"),
    [
        ("US", "1,234", Decimal(1234)),
        ("US", "1.234", Decimal("1.234")),
        ("FR", "1.234", Decimal("1.234")),
        ("DE", "1.234", Decimal("1.234")),
    ],
)
def test_the_numbers_of_an_english_file_are_those_of_its_country(
    country: str, value: str, number: Decimal
) -> None:
    header = "\t".join(report_type(LEDGER).known_columns)

    assert _number(country, header, "Quantity", value) == number


def test_headers_without_an_english_name_are_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    header = "Händler-SKU\tPreis\tNeue Spalte\tNoch eine\tasin1\n"
    for _ in range(2):
        list(FlatFile([header, "A\tB\tC\tD\tE\n"], type_name=LISTINGS))

    (record,) = caplog.records
    assert record.getMessage() == (
        "2 of the 5 headers of GET_MERCHANT_LISTINGS_ALL_DATA in the language `de` have no English "
        "name here: Neue Spalte, Noch eine. They name their columns as they are, and the values "
        "are text. Please open an issue with the header line, so that the next version knows them"
    )


def test_headers_of_an_english_file_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    list(FlatFile(["seller-sku\tprice\tnew-column\n", "A\t1\tC\n"], type_name=LISTINGS))

    assert not caplog.records


def test_long_unknown_headers_are_shortened(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    header = f"Händler-SKU\tPreis\tMenge\tSpalte {'x' * 200}\n"
    list(FlatFile([header], type_name=LISTINGS))

    (record,) = caplog.records
    assert f"here: Spalte {'x' * 53}. They" in record.getMessage()


def test_where_most_headers_are_unknown_they_are_counted_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The header may be missing: then they are the values of a row, such as a buyer's."""
    caplog.set_level("INFO")
    list(FlatFile(["Max Muster\tMünchen\tHändler-SKU\tMenge\tHeim\n"], type_name=LISTINGS))

    (record,) = caplog.records
    assert record.getMessage().startswith("3 of the 5 headers")
    assert "Muster" not in record.getMessage()
