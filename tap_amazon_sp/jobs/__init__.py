"""Jobs that Amazon works on: reports and Data Kiosk queries, submitted and polled."""
